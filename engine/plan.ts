import { fail, ok, type Fault, type Result } from '../base/fault.ts';
import { unreachable } from '../base/unreachable.ts';
import type { StageRecord } from '../cache/types.ts';
import { acceptedOf } from './accepted.ts';
import { progressOn } from './attempt/progress.ts';
import { currentKey, currentRecord } from './current.ts';
import type { Stage, StageName } from './definition/types.ts';
import type { PlannedStage, PlanState } from './events.ts';
import { distinctFaults } from './distinct-faults.ts';
import { unmetNeeds } from './execution/needs.ts';
import { explain } from './explain.ts';
import { frozenAway, frozenForced, frozenResult } from './frozen.ts';
import { stageOf, upstream } from './graph.ts';
import { findOnce, type Find } from './inputs.ts';
import type { Project } from './project.ts';
import type { Reason } from './reasons.ts';
import { select, type PlanRequest } from './request.ts';
import { sharedWork, type Work } from './shared-work.ts';
import { keyStage, standingOf, type Keyed, type Standing, type WholeKey } from './standing.ts';

/** Every stage of the request in topological order, each with what will happen to it and why. */
export interface Plan {
  readonly stages: readonly PlannedStage[];
}

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

/**
 * Compares the definition with the disk; changes nothing. Every `run` will run, every `cached` will not, `maybe`
 * stands only below a stage that will run or beside one that may bring the same result, and a `recorded` one runs only if a `maybe` turns out to need its bytes.
 * Faults: an input is missing or cannot be one, or a stage asks for more than this machine has.
 */
export async function plan(project: Project, request: PlanRequest): Promise<Result<Plan>> {
  const { stages, blocked } = await draft(project, request);
  if (blocked.size > 0) return fail(...distinctFaults([...blocked.values()].flat()));
  return ok({ stages: stages.map((planned) => shownStage(project, planned)) });
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
    ...(keyed === undefined ? {} : progressOn(project, keyed)),
    ...(accepted === undefined ? {} : { accepted }),
    ...(state === 'cached' && isRestored(project, stage, record) ? { restored: true } : {}),
  };
}

/** Whether `artifacts/` shows another result of the stage than the one that stands for it now. */
function isRestored(project: Project, stage: StageName, record: StageRecord | undefined): boolean {
  const shown = project.experiments === undefined ? currentKey(project, stage) : undefined;
  return shown !== undefined && record !== undefined && shown !== record.key;
}

/** `plan`, with the faults kept beside their stages. */
export async function draft(project: Project, request: PlanRequest): Promise<Draft> {
  const { names, forced, targets } = select(project.pipeline, request);
  const looks = new Looks(project);
  const remake = new Map<StageName, Reason>();
  for (;;) {
    const walk = new Walk(project, looks, forced, remake);
    for (const name of names) await walk.visit(stageOf(project.pipeline, name));
    const shared = sharedWork(walk.stages, walk.works);
    // One that may find its result brought by another is not certain to read anything.
    const running = names.filter((name) => walk.stages.get(name)?.state === 'run' && !shared.has(name));
    const needed = findNeeded(project, walk, running, targets);
    if (needed.size === 0) {
      blockFrozen(project, walk, names, targets);
      return withUnmet(project, withShared(walk.draft(), shared));
    }
    for (const [name, reason] of needed) remake.set(name, reason);
  }
}

/** A stage that may run and asks for more than this machine has is blocked, before anything starts. */
function withUnmet(project: Project, { stages, blocked }: Draft): Draft {
  const needy = stages
    .filter(({ state }) => state === 'run' || state === 'maybe')
    .map(({ stage }) => stageOf(project.pipeline, stage));
  return { stages, blocked: new Map([...unmetNeeds(project, needy), ...blocked]) };
}

/** Whether a stage must run that shares its result with an earlier one is known only after that one. */
function withShared({ stages, blocked }: Draft, shared: ReadonlyMap<StageName, StageName>): Draft {
  const change = (planned: StagePlan): StagePlan => {
    const other = shared.get(planned.stage);
    if (other === undefined) return planned;
    return { ...planned, state: 'maybe', reasons: [{ type: 'shared', stage: other }, ...planned.reasons] };
  };
  return { stages: stages.map(change), blocked };
}

/** One pass down the graph. `remake` holds the recorded stages whose bytes are known to be needed. */
class Walk {
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
      this.works.set(stage.name, { key, standing: { type: 'absent' }, forced: true });
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
    this.works.set(stage.name, { key, standing, forced: false });
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

/** Recorded stages that must give their bytes back: to the user who asked for them, or to a stage that will run. */
function findNeeded(
  project: Project,
  walk: Walk,
  running: readonly StageName[],
  targets: ReadonlySet<StageName>,
): ReadonlyMap<StageName, Reason> {
  const needed = new Map<StageName, Reason>();
  for (const name of targets) {
    const planned = walk.stages.get(name);
    if (planned?.state === 'recorded' && planned.standing?.type === 'collected') {
      needed.set(name, { type: 'artifact-missing', out: planned.standing.out });
    }
  }
  for (const name of running) {
    for (const above of upstream(stageOf(project.pipeline, name))) {
      if (walk.stages.get(above)?.state === 'recorded') needed.set(above, { type: 'needed-by', stage: name });
    }
  }
  return needed;
}

/**
 * Frozen stages whose bytes were collected, where the user or a stage that runs may need them: nothing is begun that
 * could end at them. A recorded stage runs where one that reads it does.
 */
function blockFrozen(
  project: Project,
  walk: Walk,
  names: readonly StageName[],
  targets: ReadonlySet<StageName>,
): void {
  const read = new Set(targets);
  for (const name of [...names].reverse()) {
    const state = walk.stages.get(name)?.state;
    const mayRun = state === 'run' || state === 'maybe' || (state === 'recorded' && read.has(name));
    if (mayRun) for (const above of upstream(stageOf(project.pipeline, name))) read.add(above);
  }
  for (const name of read) {
    const planned = walk.stages.get(name);
    if (planned?.state !== 'frozen' || planned.standing?.type !== 'collected') continue;
    const stage = stageOf(project.pipeline, name);
    walk.block(stage, frozenAway(stage));
  }
}

/** What one plan reads of the disk, each thing once. */
class Looks {
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
