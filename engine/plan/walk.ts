import { fail, type Fault } from '../../base/fault.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { StageRecord } from '../../cache/types.ts';
import { currentRecord } from '../key/result.ts';
import type { Stage, StageName } from '../definition/types.ts';
import type { PlannedStage, PlanState } from '../events.ts';
import { explain } from './explain.ts';
import { frozenForced, frozenResult } from './frozen.ts';
import { upstream } from '../key/graph.ts';
import { findOnce, type Find } from '../key/inputs.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import type { Work } from './shared-work.ts';
import { keyStage, standingOf, type Keyed, type Standing, type WholeKey } from '../key/standing.ts';

/** A stage of a plan, with what the plan knows of its key. */
export interface StagePlan extends PlannedStage {
  readonly stage: StageName;
  /** The result that stands for the stage as long as it does not run. */
  readonly record?: StageRecord;
  /** Of a stage that will run and is not forced. */
  readonly keyed?: WholeKey;
}

/** A plan, and the stages that cannot even be planned because of what their inputs are. */
export interface Draft {
  readonly stages: readonly StagePlan[];
  readonly blocked: ReadonlyMap<StageName, readonly Fault[]>;
}

/** One pass down the graph. `remake` holds the recorded stages whose bytes are known to be needed. */
export class Walk {
  readonly stages = new Map<StageName, StagePlan & { readonly standing?: Standing }>();
  readonly works = new Map<StageName, Work>();
  readonly #blocked = new Map<StageName, readonly Fault[]>();
  readonly #project: Project;
  readonly #looks: Looks;
  readonly #forced: ReadonlySet<StageName>;
  readonly #remake: ReadonlyMap<StageName, Reason>;

  constructor(
    project: Project,
    looks: Looks,
    forced: ReadonlySet<StageName>,
    remake: ReadonlyMap<StageName, Reason>,
  ) {
    this.#project = project;
    this.#looks = looks;
    this.#forced = forced;
    this.#remake = remake;
  }

  draft(): Draft {
    const stages = [...this.stages.values()].map(({ stage, state, reasons, record, keyed }) => ({
      stage,
      state,
      reasons,
      ...(state === 'run' && keyed !== undefined ? { keyed } : {}),
      ...(record === undefined ? {} : { record }),
    }));
    return { stages, blocked: this.#blocked };
  }

  async visit(stage: Stage): Promise<void> {
    const verdict = await this.#judge(stage);
    // A stage keeps its record while its dependents may reckon with the same bytes.
    const { standing } = verdict;
    const record = standing === undefined || standing.type === 'absent' ? undefined : standing.record;
    this.stages.set(stage.name, {
      stage: stage.name,
      ...verdict,
      ...(record === undefined ? {} : { record }),
    });
  }

  async #judge(stage: Stage): Promise<Verdict> {
    // What lies above a frozen stage is no part of the plan: what the project used last stands for it.
    const recordOf = (name: StageName) =>
      this.stages.get(name)?.record ?? (stage.frozen ? currentRecord(this.#project, name) : undefined);
    const keyed = await keyStage(this.#project, stage, recordOf, this.#looks.find);
    if (stage.frozen) return this.#keepFrozen(stage, keyed.ok ? keyed.value : undefined);
    if (!keyed.ok) {
      this.#blocked.set(stage.name, keyed.faults);
      return { state: 'run', reasons: [] };
    }
    const { key } = keyed.value;
    const whole = key === undefined ? {} : { keyed: { ...keyed.value, key } };
    if (stage.always || this.#forced.has(stage.name)) {
      this.works.set(stage.name, { key, standing: { type: 'absent' } });
      if (this.#forced.has(stage.name)) return { state: 'run', reasons: [{ type: 'forced' }] };
      return { state: 'run', reasons: [{ type: 'always' }], ...whole };
    }
    const follows = upstream(stage)
      .filter((name) => this.#runs(name))
      .map((name): Reason => ({ type: 'upstream', stage: name }));
    if (key === undefined) {
      return { state: 'maybe', reasons: [...follows, ...explain(this.#project, stage, keyed.value)] };
    }
    const standing = await this.#looks.standing(stage.name, key);
    this.works.set(stage.name, { key, standing });
    const remade = this.#remake.get(stage.name);
    if (remade !== undefined) return { state: 'run', reasons: [remade], standing, ...whole };
    switch (standing.type) {
      case 'absent': {
        const reasons = explain(this.#project, stage, keyed.value);
        return { state: 'run', reasons: reasons.length > 0 ? reasons : [{ type: 'never-made' }], ...whole };
      }
      case 'damaged':
        return {
          state: 'run',
          reasons: [{ type: 'artifact-damaged', out: standing.out, file: standing.file }],
          ...whole,
        };
      case 'intact':
      case 'collected': {
        if (follows.length > 0) return { state: 'maybe', reasons: follows, standing };
        return { state: standing.type === 'intact' ? 'cached' : 'recorded', reasons: [], standing };
      }
      default:
        return unreachable(standing);
    }
  }

  /** Inputs that are missing now are none of its faults: it never reads them again. */
  async #keepFrozen(stage: Stage, keyed: Keyed | undefined): Promise<Verdict> {
    const result = this.#forced.has(stage.name)
      ? fail(frozenForced(stage))
      : await frozenResult(this.#project, stage, keyed?.key);
    if (!result.ok) {
      this.#blocked.set(stage.name, result.faults);
      return { state: 'frozen', reasons: [] };
    }
    const isSame = keyed === undefined || keyed.key === result.value.record.key;
    const reasons = isSame ? [] : explain(this.#project, stage, keyed);
    return { state: 'frozen', reasons, standing: result.value };
  }

  /** Its bytes are needed. */
  block(stage: Stage, fault: Fault): void {
    this.#blocked.set(stage.name, [fault]);
  }

  #runs(name: StageName): boolean {
    const state = this.stages.get(name)?.state;
    return state === 'run' || state === 'maybe';
  }
}

interface Verdict {
  readonly state: PlanState;
  readonly reasons: readonly Reason[];
  readonly keyed?: WholeKey;
  /** Absent where dependents must not reckon with the stage's former result. */
  readonly standing?: Standing;
}

/** What one plan reads of the disk, each thing once. */
export class Looks {
  readonly find: Find;
  readonly #project: Project;
  readonly #standings = new Map<string, Promise<Standing>>();

  constructor(project: Project) {
    this.#project = project;
    this.find = findOnce(project);
  }

  standing(stage: StageName, key: NonNullable<Keyed['key']>): Promise<Standing> {
    const id = `${stage} ${key}`;
    const known = this.#standings.get(id) ?? standingOf(this.#project, stage, key);
    this.#standings.set(id, known);
    return known;
  }
}
