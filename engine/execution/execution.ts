import { settle, type Fault } from '../../base/fault.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { StageRecord } from '../../cache/types.ts';
import { restless } from '../attempt/check-inputs.ts';
import { currentKey } from '../project/current.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { explain } from '../plan/explain.ts';
import type { EngineEvent } from '../events.ts';
import { frozenAway } from '../plan/frozen.ts';
import { stageOf, upstream } from '../key/graph.ts';
import type { StagePlan } from '../plan/walk.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import type { RunIo } from './run.ts';
import { sameOuts, standingOf, type Keyed, type WholeKey } from '../key/standing.ts';
import { decide, type Decision } from './decide.ts';
import { Maker } from './make.ts';
import type { MakeEnd } from './order.ts';
import { Outcomes } from './outcomes.ts';
import { Settlements, type Settled } from './settlements.ts';
import { rankByUrgency } from './urgency.ts';

export interface ExecutionOptions {
  readonly forced: ReadonlySet<StageName>;
  /** Stages whose artifacts must be there at the end. */
  readonly targets: ReadonlySet<StageName>;
  readonly keepGoing: boolean;
  /** Whether a stage that another run makes waits for its result. */
  readonly wait: boolean;
}

export interface ExecutionIo extends RunIo {
  /** Takes an event for the run's log that nobody else is to see. */
  readonly log: (event: EngineEvent) => void;
}

/** Of the stages above one, at one moment. */
type Records = ReadonlyMap<StageName, StageRecord | undefined>;

type Decided = Decision & { readonly records: Records };

/**
 * One run of a plan: a walk down the graph. Each stage waits for those above it, then `decide` says by its key what is
 * to be done, a `Maker` makes what must be made, and `Outcomes` keeps and tells what has come of it.
 */
export class Execution {
  readonly #project: Project;
  readonly #plan: ReadonlyMap<StageName, StagePlan>;
  readonly #options: ExecutionOptions;
  readonly #stopAsked: AbortSignal;
  readonly #ranks: ReadonlyMap<StageName, number>;
  readonly #maker: Maker;
  readonly #outcomes: Outcomes;
  readonly #broken = new AbortController();
  readonly #settled = new Settlements();

  constructor(project: Project, stages: readonly StagePlan[], options: ExecutionOptions, io: ExecutionIo) {
    this.#project = project;
    this.#plan = new Map(stages.map((stage) => [stage.stage, stage]));
    this.#options = options;
    this.#ranks = rankByUrgency(project, this.#plan);
    this.#stopAsked = io.signal;
    this.#outcomes = new Outcomes(project, this.#plan.keys(), io.emit);
    const signal = AbortSignal.any([io.signal, this.#broken.signal]);
    const halted = () => signal.aborted || (this.#outcomes.culprit !== undefined && !this.#options.keepGoing);
    this.#maker = new Maker(project, { ...io, signal, halted, wait: options.wait });
  }

  async run(): Promise<Executed> {
    const names = [...this.#plan.keys()];
    for (const name of names) this.#settled.set(name, this.#settle(name));
    try {
      await this.#settled.all();
    } catch (error) {
      // A bug in one stage's handling must not leave the children of others behind.
      this.#broken.abort();
      await this.#settled.rest();
      throw error;
    }
    for (const name of names) {
      const settled = await this.#settled.newest(name);
      if (settled.type === 'recorded') this.#showCollected(name, settled.record);
    }
    const { failed, incomplete, left, records } = this.#outcomes;
    return { failed, left, stopped: incomplete && this.#stopAsked.aborted, records };
  }

  async #settle(name: StageName): Promise<Settled> {
    const stage = stageOf(this.#project.pipeline, name);
    const planned = this.#planOf(name);
    const lacking = await this.#settled.lacking(upstream(stage));
    if (lacking !== undefined) return this.#skip(name, lacking);
    for (const reason of planned.reasons) {
      if (reason.type === 'shared') await this.#settled.newest(reason.stage as StageName);
    }
    const { state, record } = planned;
    if (state === 'frozen' && record !== undefined) return this.#keepFrozen(stage, planned, record);
    if (state === 'recorded' && record !== undefined) return this.#leave(name, record);
    if (state === 'cached' && record !== undefined) return this.#reuse(stage, record);
    return this.#look(stage, planned);
  }

  /** All above is known now. Faults of the inputs are the stage's own. */
  async #look(stage: Stage, planned: StagePlan, again = false): Promise<Settled> {
    if (stage.frozen) return this.#fail(stage.name, 0, [frozenAway(stage)]);
    const asked = again || this.#options.targets.has(stage.name) || planned.state === 'run';
    const settled = await settle(async () => {
      let decision = await this.#decide(stage, asked, again ? undefined : planned.keyed);
      // Only now the bytes of everything above are needed; to make them takes long, so look again.
      for (;;) {
        if (decision.type !== 'make') return this.#accept(stage, decision);
        let waited = false;
        for (const above of upstream(stage)) {
          if (await this.#demand(above, stage.name)) waited = true;
        }
        const lacking = await this.#settled.lacking(upstream(stage));
        if (lacking !== undefined) return this.#skip(stage.name, lacking);
        if (!waited && this.#isOf(stage, decision.records)) break;
        decision = await this.#decide(stage, true);
      }
      const end = await this.#make(stage, planned, decision);
      if (end.type !== 'outdated') return this.#conclude(stage, end);
      if (again) return this.#fail(stage.name, 0, [restless(stage, end.source)]);
      return this.#look(stage, { ...planned, state: 'maybe' }, true);
    });
    return settled.ok ? settled.value : this.#fail(stage.name, 0, settled.faults);
  }

  /** By one generation of what is above, whatever is made again meanwhile. */
  async #decide(stage: Stage, asked: boolean, planned?: WholeKey): Promise<Decided> {
    const records = new Map(upstream(stage).map((name) => [name, this.#outcomes.records.get(name)]));
    const recordOf = (name: StageName) => records.get(name);
    // Of a stage that is to be made anew only what this run made of it.
    const counts = ({ key }: StageRecord) =>
      !this.#isAnew(stage) || this.#outcomes.records.get(stage.name)?.key === key;
    const question = { recordOf, counts, asked };
    const decision = await this.#maker.decide(async () => {
      const guess =
        planned === undefined ? undefined : await decide(this.#project, stage, { ...question, planned });
      // Only a start looks whether the plan's inputs are still the same.
      return guess?.type === 'make' ? guess : decide(this.#project, stage, question);
    });
    return { ...decision, records };
  }

  /** Whether these are still the records of what is above. */
  #isOf(stage: Stage, records: Records): boolean {
    return upstream(stage).every((name) => records.get(name) === this.#outcomes.records.get(name));
  }

  /** No result that is there already counts. */
  #isAnew({ name, always }: Stage): boolean {
    return always || this.#options.forced.has(name);
  }

  #accept(stage: Stage, decision: Exclude<Decision, { type: 'make' }>): Promise<Settled> | Settled {
    if (decision.type === 'leave') return this.#leave(stage.name, decision.record);
    return this.#reuse(stage, decision.record);
  }

  async #make(
    stage: Stage,
    planned: StagePlan,
    { keyed, damaged, records }: Extract<Decided, { type: 'make' }>,
  ): Promise<MakeEnd> {
    if (damaged !== undefined) this.#outcomes.quarantine(stage.name, damaged);
    return this.#maker.make({
      stage,
      keyed,
      recordOf: (above) => records.get(above),
      anew: this.#isAnew(stage),
      dropCheckpoint: this.#options.forced.has(stage.name),
      rank: this.#ranks.get(stage.name) ?? 0,
      reasons: () => this.#reasons(stage, planned, keyed),
    });
  }

  #conclude(stage: Stage, end: Exclude<MakeEnd, { type: 'outdated' }>): Promise<Settled> | Settled {
    const { name } = stage;
    switch (end.type) {
      case 'halted':
        return this.#skip(name, this.#outcomes.culprit);
      case 'failed':
        return this.#fail(name, end.seconds, end.faults);
      case 'stopped':
        this.#outcomes.stop(name, end.seconds, end.checkpoint);
        return { type: 'missing' };
      case 'reused':
        return this.#reuse(stage, end.record);
      case 'made':
        this.#outcomes.show(stage, end.record);
        this.#outcomes.made(name, end.seconds, end.same, end.record);
        return { type: 'there', record: end.record, sameAgain: end.same ? [name] : [], made: true };
      default:
        return unreachable(end);
    }
  }

  /** The result that the plan found stands, whatever its key. */
  async #keepFrozen(stage: Stage, { reasons }: StagePlan, record: StageRecord): Promise<Settled> {
    const standing = await standingOf(this.#project, stage.name, record.key);
    if (standing.type !== 'intact') return this.#leave(stage.name, record);
    this.#outcomes.show(stage, record);
    this.#project.store.touch(record.key);
    this.#outcomes.frozen(stage.name, record, reasons);
    return { type: 'there', record, sameAgain: [], made: false };
  }

  /** A result that is there already becomes the one that `artifacts/` shows. */
  async #reuse(stage: Stage, record: StageRecord): Promise<Settled> {
    const before = currentKey(this.#project, stage.name);
    const restored = before !== undefined && before !== record.key;
    const because = await this.#sameAbove(stage, !restored);
    this.#outcomes.show(stage, record);
    this.#project.store.touch(record.key);
    this.#outcomes.tellRuntime(stage.name, record);
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

  /** Sees that the stage has its bytes: one that was only recorded is made now, once. Tells whether that took its time. */
  async #demand(name: StageName, by: StageName): Promise<boolean> {
    for (let waited = false; ; waited = true) {
      const settled = await this.#settled.steady(name);
      if (settled.type !== 'recorded') return waited;
      this.#settled.set(name, this.#bring(name, by, settled.record));
    }
  }

  async #bring(name: StageName, by: StageName, before: StageRecord): Promise<Settled> {
    const settled = await this.#look(stageOf(this.#project.pipeline, name), {
      stage: name,
      state: 'run',
      reasons: [{ type: 'needed-by', stage: by }],
    });
    if (settled.type === 'there' && !sameOuts(before.outs, settled.record.outs)) this.#unsettle(name);
    return settled;
  }

  /** The stage brought other bytes than its record named: all below that was settled by that record is settled again. */
  #unsettle(name: StageName): void {
    const moved = new Set([name]);
    for (const below of this.#plan.keys()) {
      const stage = stageOf(this.#project.pipeline, below);
      if (stage.frozen || !upstream(stage).some((above) => moved.has(above))) continue;
      moved.add(below);
      this.#settled.set(below, this.#settleAgain(stage, this.#settled.newest(below)));
    }
    this.#outcomes.broughtOthers(name);
  }

  async #settleAgain(stage: Stage, first: Promise<Settled>): Promise<Settled> {
    const settled = await first;
    if (settled.type === 'missing') return settled;
    const lacking = await this.#settled.lacking(upstream(stage));
    if (lacking !== undefined) return this.#skip(stage.name, lacking);
    if (settled.type === 'there') {
      const decision = await settle(() => this.#decide(stage, false));
      const isSame =
        decision.ok && decision.value.type === 'reuse' && decision.value.record.key === settled.record.key;
      if (isSame) return settled;
    }
    return this.#look(stage, {
      stage: stage.name,
      state: 'maybe',
      reasons: this.#planOf(stage.name).reasons,
    });
  }

  /**
   * Stages above that made the same bytes again. `unchanged`: this stage's key is the one of its last result, so
   * that all it reads of them was the same, even if they made something else anew beside it.
   */
  async #sameAbove(stage: Stage, unchanged: boolean): Promise<readonly StageName[]> {
    const names = new Set<StageName>();
    for (const above of upstream(stage)) {
      const settled = await this.#settled.newest(above);
      if (settled.type !== 'there') continue;
      if (settled.made && unchanged) names.add(above);
      for (const name of settled.sameAgain) names.add(name);
    }
    return [...names];
  }

  /** Those of the plan, unless it could not know them yet. */
  #reasons(stage: Stage, planned: StagePlan, keyed: Keyed): readonly Reason[] {
    const reasons = planned.state === 'maybe' ? explain(this.#project, stage, keyed) : [];
    return reasons.length > 0 ? reasons : planned.reasons;
  }

  #fail(name: StageName, seconds: number, faults: readonly Fault[]): Settled {
    this.#outcomes.fail(name, seconds, faults);
    return { type: 'missing' };
  }

  #skip(name: StageName, because: StageName | undefined): Settled {
    this.#outcomes.skip(name, because);
    return { type: 'missing' };
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
  /** Results stay out of `artifacts/`, which another run has filled meanwhile. */
  readonly left: boolean;
  readonly records: ReadonlyMap<StageName, StageRecord>;
}
