import type { Digest } from '../base/digest.ts';
import { FaultError, settle, type Fault } from '../base/fault.ts';
import { unreachable } from '../base/unreachable.ts';
import type { StageRecord } from '../cache/types.ts';
import { attemptStage, type AttemptEnd } from './attempt/attempt.ts';
import { currentKey, currentRecord } from './current.ts';
import type { Stage, StageName } from './definition/types.ts';
import { explain } from './explain.ts';
import type { EngineEvent } from './events.ts';
import { stageOf, upstream } from './graph.ts';
import { Outcomes } from './outcomes.ts';
import type { StagePlan } from './plan.ts';
import type { Project } from './project.ts';
import type { Reason } from './reasons.ts';
import type { RunIo } from './run.ts';
import { Runtimes } from './runtimes.ts';
import { Slots } from './slots.ts';
import { keyStage, sameOuts, standingOf, type Keyed, type Standing } from './standing.ts';

export interface ExecutionOptions {
  readonly forced: ReadonlySet<StageName>;
  /** Stages whose artifacts must be there at the end. */
  readonly targets: ReadonlySet<StageName>;
  readonly keepGoing: boolean;
}

export interface ExecutionIo extends RunIo {
  /** Takes an event for the run's log that nobody else is to see. */
  readonly log: (event: EngineEvent) => void;
}

/** How a stage came out of the run. */
type Settled =
  /** `sameAgain`: itself or those above it that were made anew with the same bytes. */
  | {
      readonly type: 'there';
      readonly record: StageRecord;
      readonly sameAgain: readonly StageName[];
      readonly made: boolean;
    }
  /** Its record stands, its bytes were collected and nobody has needed them yet. */
  | { readonly type: 'recorded'; readonly record: StageRecord }
  | { readonly type: 'missing' };

const missing: Settled = { type: 'missing' };

/** One run of a plan. Each stage waits for those above it, then decides by its key what is to be done. */
export class Execution {
  readonly #project: Project;
  readonly #plan: ReadonlyMap<StageName, StagePlan>;
  readonly #options: ExecutionOptions;
  readonly #io: ExecutionIo;
  readonly #slots: Slots;
  /** Stages that name a GPU or a native runtime run one at a time. */
  readonly #heavy = new Slots(1);
  readonly #runtimes: Runtimes;
  readonly #settled = new Map<StageName, Promise<Settled>>();
  /** Recorded stages whose bytes a stage below turned out to need. */
  readonly #demanded = new Map<StageName, Promise<Settled>>();
  readonly #outcomes: Outcomes;
  readonly #broken = new AbortController();
  readonly #signal: AbortSignal;

  constructor(project: Project, stages: readonly StagePlan[], options: ExecutionOptions, io: ExecutionIo) {
    this.#project = project;
    this.#plan = new Map(stages.map((stage) => [stage.stage, stage]));
    this.#options = options;
    this.#io = io;
    this.#outcomes = new Outcomes(project, io.emit);
    this.#slots = new Slots(io.jobs);
    this.#signal = AbortSignal.any([io.signal, this.#broken.signal]);
    this.#runtimes = new Runtimes(project.runtimes, io.emit);
  }

  async run(): Promise<Executed> {
    const names = [...this.#plan.keys()];
    for (const name of names) this.#settled.set(name, this.#settle(name));
    try {
      await Promise.all(this.#settled.values());
    } catch (error) {
      // A bug in one stage's handling must not leave the children of others behind.
      this.#broken.abort();
      await Promise.allSettled(this.#settled.values());
      throw error;
    }
    for (const name of names) {
      const settled = await this.#of(name);
      const made = this.#demanded.has(name);
      if (settled.type === 'recorded' && !made) this.#showCollected(name, settled.record);
    }
    const { failed, incomplete, records } = this.#outcomes;
    return { failed, stopped: incomplete && this.#io.signal.aborted, records };
  }

  async #settle(name: StageName): Promise<Settled> {
    const stage = stageOf(this.#project.pipeline, name);
    const planned = this.#planOf(name);
    for (const above of upstream(stage)) {
      if ((await this.#of(above)).type === 'missing') return this.#skip(name, above);
    }
    for (const reason of planned.reasons) {
      if (reason.type === 'shared') await this.#of(reason.stage as StageName);
    }
    if (planned.state === 'recorded' && planned.record !== undefined) {
      return this.#leave(name, planned.record);
    }
    if (planned.state === 'cached' && planned.record !== undefined) {
      return this.#reuse(stage, planned.record);
    }
    return this.#faultsOf(name, () => this.#decide(stage, planned));
  }

  /** All above is known now: is there a result for the key, or must the stage be made? */
  async #decide(stage: Stage, planned: StagePlan): Promise<Settled> {
    const { name } = stage;
    const forced = this.#options.forced.has(name);
    const keyed = await this.#key(stage);
    const standing = await standingOf(this.#project, keyed.key);
    if (standing.type === 'intact' && !forced) return this.#reuse(stage, standing.record);
    const asked = this.#options.targets.has(name) || planned.state === 'run';
    if (standing.type === 'collected' && !asked) return this.#leave(name, standing.record);
    if (standing.type === 'damaged') this.#quarantine(name, standing);
    return this.#make(stage, keyed.key, planned);
  }

  /** Gets the bytes of everything above, since only now they are needed, then waits for its turn. */
  async #make(stage: Stage, expected: Digest, planned: StagePlan): Promise<Settled> {
    const { name } = stage;
    for (const above of upstream(stage)) {
      if ((await this.#demand(above, name)).type === 'missing') return this.#skip(name, above);
    }
    const keyed = await this.#key(stage);
    if (keyed.key !== expected && !this.#options.forced.has(name)) {
      const standing = await standingOf(this.#project, keyed.key);
      if (standing.type === 'intact') return this.#reuse(stage, standing.record);
    }
    const heavy = stage.resources['gpu'] !== undefined || runtimeOf(stage) !== null;
    this.#io.emit({ type: 'stage-phase', stage: name, phase: 'ready' });
    const work = () => this.#slots.use(() => this.#attempt(stage, keyed, planned));
    return heavy ? this.#heavy.use(work) : work();
  }

  async #attempt(stage: Stage, keyed: WholeKey, planned: StagePlan): Promise<Settled> {
    const { name } = stage;
    if (this.#halted()) return this.#skip(name, this.#outcomes.culprit);
    this.#io.emit({ type: 'stage-phase', stage: name, phase: 'preparing' });
    const started = this.#project.now();
    const seconds = () => (this.#project.now() - started) / 1000;
    const { emit, cores } = this.#io;
    const reasons = planned.state === 'maybe' ? await this.#reasons(stage, keyed) : planned.reasons;
    const runtime = await this.#runtimes.ensure(runtimeOf(stage), this.#signal);
    if (runtime === 'stopped' || this.#signal.aborted) return this.#stop(name, seconds(), false);
    if (!runtime.ok) return this.#fail(name, seconds(), runtime.faults);
    // Ahead of the attempt: it may add a record to the same key.
    const before = currentRecord(this.#project, name);
    const end = await attemptStage(this.#project, {
      stage,
      key: keyed.key,
      keyed,
      recordOf: (above) => this.#outcomes.records.get(above),
      force: this.#options.forced.has(name),
      cores,
      runtime: runtime.value,
      signal: this.#signal,
      onPhase: (phase) => emit({ type: 'stage-phase', stage: name, phase }),
      onWait: (holder) => emit({ type: 'stage-waiting', stage: name, holder }),
      onStart: (attempt, resumed) => emit({ type: 'stage-started', stage: name, attempt, reasons, resumed }),
      onLine: (stream, line, noise) =>
        (noise ? this.#io.log : emit)({ type: 'stage-output', stage: name, stream, line }),
      onEvent: (event) => emit({ type: 'stage-event', stage: name, event }),
      onNotice: (text) => emit({ type: 'notice', level: 'warning', text: `${name}: ${text}` }),
    });
    return this.#conclude(stage, end, seconds(), before);
  }

  #conclude(
    stage: Stage,
    end: AttemptEnd,
    seconds: number,
    before: StageRecord | undefined,
  ): Promise<Settled> | Settled {
    switch (end.type) {
      case 'failed':
        return this.#fail(stage.name, seconds, end.faults);
      case 'stopped':
        return this.#stop(stage.name, seconds, end.checkpoint);
      case 'reused':
        return this.#reuse(stage, end.record);
      case 'made': {
        this.#outcomes.show(stage, end.record);
        const same = before !== undefined && sameOuts(before.outs, end.record.outs);
        this.#outcomes.made(stage.name, seconds, same, end.record);
        return { type: 'there', record: end.record, sameAgain: same ? [stage.name] : [], made: true };
      }
      default:
        return unreachable(end);
    }
  }

  /** A result that is there already becomes the one that `artifacts/` shows. */
  async #reuse(stage: Stage, record: StageRecord): Promise<Settled> {
    const before = currentKey(this.#project, stage.name);
    const restored = before !== undefined && before !== record.key;
    const because = await this.#sameAbove(stage, !restored);
    this.#outcomes.show(stage, record);
    this.#project.store.touch(record.key);
    this.#outcomes.cached(stage.name, record, because, restored);
    return { type: 'there', record, sameAgain: because, made: false };
  }

  /** Its record stands for the stages below; its bytes are made only if one of them asks. */
  #leave(name: StageName, record: StageRecord): Settled {
    this.#outcomes.records.set(name, record);
    return { type: 'recorded', record };
  }

  #showCollected(name: StageName, record: StageRecord): void {
    const before = currentKey(this.#project, name);
    const restored = before !== undefined && before !== record.key;
    this.#outcomes.collected(stageOf(this.#project.pipeline, name), record, restored);
  }

  /** The stage with its bytes: one that was only recorded is made now, once. */
  async #demand(name: StageName, by: StageName): Promise<Settled> {
    const settled = await this.#of(name);
    if (settled.type !== 'recorded') return settled;
    const demanded = this.#demanded.get(name) ?? this.#remake(name, by);
    this.#demanded.set(name, demanded);
    return demanded;
  }

  #remake(name: StageName, by: StageName): Promise<Settled> {
    const stage = stageOf(this.#project.pipeline, name);
    const planned: StagePlan = { stage: name, state: 'run', reasons: [{ type: 'needed-by', stage: by }] };
    return this.#faultsOf(name, () => this.#decide(stage, planned));
  }

  /**
   * Stages above that made the same bytes again. `unchanged`: this stage's key is the one of its last result, so
   * that all it reads of them was the same, even if they made something else anew beside it.
   */
  async #sameAbove(stage: Stage, unchanged: boolean): Promise<readonly StageName[]> {
    const names = new Set<StageName>();
    for (const above of upstream(stage)) {
      const settled = await this.#of(above);
      if (settled.type !== 'there') continue;
      if (settled.made && unchanged) names.add(above);
      for (const name of settled.sameAgain) names.add(name);
    }
    return [...names];
  }

  async #key(stage: Stage): Promise<WholeKey> {
    const recordOf = (name: StageName) => this.#outcomes.records.get(name);
    const keyed = await keyStage(this.#project, stage, recordOf, (path) => this.#project.index.find(path));
    if (!keyed.ok) throw new FaultError(...keyed.faults);
    const { key } = keyed.value;
    if (key === undefined) throw new Error(`Internal error: ${stage.name} has unknown inputs`);
    return { ...keyed.value, key };
  }

  async #reasons(stage: Stage, keyed: Keyed): Promise<readonly Reason[]> {
    const reasons = await explain(this.#project, stage, keyed);
    return reasons.length > 0 ? reasons : this.#planOf(stage.name).reasons;
  }

  #quarantine(name: StageName, { out, file, trees }: Extract<Standing, { type: 'damaged' }>): void {
    for (const tree of trees) {
      const where = this.#project.store.quarantine(tree);
      this.#outcomes.notice(
        `${name}: artifact ${out} was damaged (${file || out}); it was moved to ${where}`,
      );
    }
  }

  async #faultsOf(name: StageName, work: () => Promise<Settled>): Promise<Settled> {
    const result = await settle(work);
    return result.ok ? result.value : this.#fail(name, 0, result.faults);
  }

  #halted(): boolean {
    return this.#signal.aborted || (this.#outcomes.culprit !== undefined && !this.#options.keepGoing);
  }

  #fail(name: StageName, seconds: number, faults: readonly Fault[]): Settled {
    this.#outcomes.fail(name, seconds, faults);
    return missing;
  }

  #stop(name: StageName, seconds: number, checkpoint: boolean): Settled {
    this.#outcomes.stop(name, seconds, checkpoint);
    return missing;
  }

  #skip(name: StageName, because: StageName | undefined): Settled {
    this.#outcomes.skip(name, because);
    return missing;
  }

  #of(name: StageName): Promise<Settled> {
    const settled = this.#demanded.get(name) ?? this.#settled.get(name);
    if (settled === undefined) throw new Error(`Internal error: ${name} is no part of this run`);
    return settled;
  }

  #planOf(name: StageName): StagePlan {
    const planned = this.#plan.get(name);
    if (planned === undefined) throw new Error(`Internal error: ${name} has no plan`);
    return planned;
  }
}

interface Executed {
  readonly failed: boolean;
  readonly stopped: boolean;
  readonly records: ReadonlyMap<StageName, StageRecord>;
}

type WholeKey = Keyed & { readonly key: Digest };

function runtimeOf({ program }: Stage): string | null {
  return program.type === 'uses' ? program.definition.runtime : null;
}
