import { setMaxListeners } from 'node:events';
import type { StageRecord } from '../../cache/types.ts';
import { Interrupted } from '../../cache/watch.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { stageOf, upstream } from '../key/graph.ts';
import { sameOuts } from '../key/standing.ts';
import type { StagePlan } from '../plan/walk.ts';
import type { Project } from '../project/project.ts';
import { Endings } from './endings.ts';
import type { ExecutionIo } from './io.ts';
import { Maker } from './make.ts';
import { Outcomes } from './outcomes.ts';
import { Settlements, type Settled } from './settlements.ts';
import { Settler, type MakingOptions } from './settler.ts';
import { rankByUrgency } from './urgency.ts';

/** What the user asked of a run. */
export interface ExecutionOptions extends MakingOptions {
  readonly keepGoing: boolean;
  /** Whether a stage that another run makes waits for its result. */
  readonly wait: boolean;
}

/**
 * One run of a plan: a walk down the graph. Each stage waits for those above it; then a `Settler` settles it. A stage
 * whose bytes are gone is made only when one below demands them, and if others come, all below is settled again.
 */
export class Execution {
  readonly #project: Project;
  readonly #plan: ReadonlyMap<StageName, StagePlan>;
  readonly #stopAsked: AbortSignal;
  readonly #outcomes: Outcomes;
  readonly #broken = new AbortController();
  readonly #settled = new Settlements();
  readonly #endings: Endings;
  readonly #settler: Settler;

  constructor(project: Project, stages: readonly StagePlan[], options: ExecutionOptions, io: ExecutionIo) {
    this.#project = project;
    this.#plan = new Map(stages.map((stage) => [stage.stage, stage]));
    this.#stopAsked = io.signal;
    this.#outcomes = new Outcomes(project, this.#plan.keys(), io.emit);
    const signal = AbortSignal.any([io.signal, this.#broken.signal]);
    // Every stage that runs listens; Node takes more than ten for a leak and says so on stderr.
    setMaxListeners(0, signal);
    const halted = () => signal.aborted || (this.#outcomes.culprit !== undefined && !options.keepGoing);
    this.#endings = new Endings(project, this.#outcomes, this.#settled);
    this.#settler = new Settler({
      project,
      options,
      ranks: rankByUrgency(project, this.#plan),
      maker: new Maker(project, { ...io, signal, halted, wait: options.wait }),
      outcomes: this.#outcomes,
      settlements: this.#settled,
      endings: this.#endings,
      demand: (above, by) => this.#demand(above, by),
    });
  }

  async run(): Promise<Executed> {
    const names = [...this.#plan.keys()];
    for (const name of names) this.#set(name, this.#settle(name));
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
      if (settled.type === 'recorded') this.#endings.showCollected(name, settled.record);
    }
    const { failed, incomplete, left, records } = this.#outcomes;
    return { failed, left, stopped: incomplete && this.#stopAsked.aborted, records };
  }

  /** A stage that is stopped while something is read for it is left as it was. */
  #set(name: StageName, word: Promise<Settled>): void {
    const stopped = (error: unknown): Settled => {
      if (error instanceof Interrupted) return this.#endings.skip(name, this.#outcomes.culprit);
      throw error;
    };
    this.#settled.set(name, word.catch(stopped));
  }

  async #settle(name: StageName): Promise<Settled> {
    const stage = stageOf(this.#project.pipeline, name);
    const planned = this.#planOf(name);
    const lacking = await this.#settled.lacking(upstream(stage));
    if (lacking !== undefined) return this.#endings.skip(name, lacking);
    for (const reason of planned.reasons) {
      if (reason.type === 'shared') await this.#settled.newest(reason.stage as StageName);
    }
    const { state, record } = planned;
    if (state === 'frozen' && record !== undefined)
      return this.#endings.keepFrozen(stage, planned.reasons, record);
    if (state === 'recorded' && record !== undefined) return this.#endings.leave(name, record);
    if (state === 'cached' && record !== undefined) return this.#endings.reuse(stage, record);
    return this.#settler.decideAndMake(stage, planned);
  }

  /** Sees that the stage has its bytes: one that was only recorded is made now, once. Tells whether that took its time. */
  async #demand(name: StageName, by: StageName): Promise<boolean> {
    for (let waited = false; ; waited = true) {
      const settled = await this.#settled.steady(name);
      if (settled.type !== 'recorded') return waited;
      this.#set(name, this.#bring(name, by, settled.record));
    }
  }

  async #bring(name: StageName, by: StageName, before: StageRecord): Promise<Settled> {
    const settled = await this.#settler.decideAndMake(stageOf(this.#project.pipeline, name), {
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
      this.#set(below, this.#settleAgain(stage, this.#settled.newest(below)));
    }
    this.#outcomes.broughtOthers(name);
  }

  async #settleAgain(stage: Stage, first: Promise<Settled>): Promise<Settled> {
    const settled = await first;
    if (settled.type === 'missing') return settled;
    const lacking = await this.#settled.lacking(upstream(stage));
    if (lacking !== undefined) return this.#endings.skip(stage.name, lacking);
    if (settled.type === 'there' && (await this.#settler.wouldReuse(stage, settled.record))) return settled;
    return this.#settler.decideAndMake(stage, {
      stage: stage.name,
      state: 'maybe',
      reasons: this.#planOf(stage.name).reasons,
    });
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
