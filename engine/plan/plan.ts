import { distinctFaults } from '../../base/distinct-faults.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import { acceptedOf } from '../project/accepted.ts';
import { progressOn } from '../attempt/progress.ts';
import { currentKey } from '../project/current.ts';
import type { StageName } from '../definition/types.ts';
import type { PlannedStage } from '../events.ts';
import type { Project } from '../project/project.ts';
import type { PlanRequest } from './request.ts';
import { draft } from './draft.ts';
import type { StagePlan } from './walk.ts';

/** Every stage of the request in topological order, each with what will happen to it and why. */
export interface Plan {
  readonly stages: readonly PlannedStage[];
}

/**
 * Compares the definition with the disk; changes nothing. Every `run` will run, every `cached` will not, `maybe`
 * stands only below a stage that will run or beside one that may bring the same result, and a `recorded` one runs only if a `maybe` turns out to need its bytes.
 * Faults: an input is missing or cannot be one, or a stage asks for more than this machine has.
 */
export async function plan(project: Project, request: PlanRequest): Promise<Result<Plan>> {
  const { stages, faults } = await survey(project, request);
  return faults.length > 0 ? fail(...faults) : ok({ stages });
}

/** A plan as far as there can be one: nothing of it runs before the faults are mended. */
export interface Survey extends Plan {
  /** Those of all stages, each once; every stage has its own beside it. */
  readonly faults: readonly Fault[];
}

/** `plan`, with every stage also where some are blocked by faults. */
export async function survey(project: Project, request: PlanRequest): Promise<Survey> {
  const { stages, blocked } = await draft(project, request);
  return {
    stages: stages.map((planned) => {
      const faults = blocked.get(planned.stage);
      return { ...shownStage(project, planned), ...(faults === undefined ? {} : { faults }) };
    }),
    faults: distinctFaults([...blocked.values()].flat()),
  };
}

/** A planned stage as it is shown: with what attempts on its key are doing, or have left. */
export function shownStage(
  project: Project,
  { stage, state, reasons, keyed, record }: StagePlan,
): PlannedStage {
  const accepted = state === 'cached' && record !== undefined ? acceptedOf(record) : undefined;
  return {
    stage,
    state,
    reasons,
    ...(keyed === undefined ? {} : progressOn(project, stage, keyed)),
    ...(accepted === undefined ? {} : { accepted }),
    ...(state === 'cached' && isRestored(project, stage, record) ? { restored: true } : {}),
  };
}

/** Whether `artifacts/` shows another result of the stage than the one that stands for it now. */
function isRestored(project: Project, stage: StageName, record: StageRecord | undefined): boolean {
  const shown = project.experiments === undefined ? currentKey(project, stage) : undefined;
  return shown !== undefined && record !== undefined && shown !== record.key;
}
