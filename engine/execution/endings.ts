import type { Fault } from '../../base/fault.ts';
import { unreachable } from '../../base/unreachable.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { stageOf, upstream } from '../key/graph.ts';
import { standingOf } from '../key/standing.ts';
import { currentKey } from '../project/current.ts';
import type { JustMade } from '../events.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import type { MakeEnd } from './order.ts';
import type { Outcomes } from './outcomes.ts';
import type { Settled, Settlements } from './settlements.ts';

/** The ways in which a stage comes out of a run: each is shown and told once, and gives the run's word on the stage. */
export class Endings {
  readonly #project: Project;
  readonly #outcomes: Outcomes;
  readonly #settled: Settlements;

  constructor(project: Project, outcomes: Outcomes, settled: Settlements) {
    this.#project = project;
    this.#outcomes = outcomes;
    this.#settled = settled;
  }

  /** What making it has come to. */
  conclude(stage: Stage, end: Exclude<MakeEnd, { type: 'outdated' }>): Promise<Settled> | Settled {
    const { name } = stage;
    switch (end.type) {
      case 'halted':
        return this.skip(name, this.#outcomes.culprit);
      case 'failed':
        return this.fail(name, end.seconds, end.faults);
      case 'stopped':
        this.#outcomes.stop(name, end.seconds, end.checkpoint);
        return { type: 'missing' };
      case 'reused':
        return this.reuse(stage, end.record, end.just ?? 'meanwhile');
      case 'made':
        this.#outcomes.show(stage, end.record);
        this.#outcomes.made(name, end.seconds, end.same, end.record);
        return { type: 'there', record: end.record, sameAgain: end.same ? [name] : [], made: true };
      default:
        return unreachable(end);
    }
  }

  /** The result that the plan found stands, whatever its key. */
  async keepFrozen(stage: Stage, reasons: readonly Reason[], record: StageRecord): Promise<Settled> {
    const standing = await standingOf(this.#project, stage.name, record.key);
    if (standing.type !== 'intact') return this.leave(stage.name, record);
    this.#outcomes.show(stage, record);
    this.#project.store.touch(record.key);
    this.#outcomes.frozen(stage.name, record, reasons);
    return { type: 'there', record, sameAgain: [], made: false };
  }

  /** A result that is there already becomes the one that `artifacts/` shows. `made`: it came while the stage waited. */
  async reuse(stage: Stage, record: StageRecord, made?: JustMade | 'meanwhile'): Promise<Settled> {
    const before = currentKey(this.#project, stage.name);
    const because = made === undefined ? await this.#sameAbove(stage, before === record.key) : [];
    const just = typeof made === 'object' ? made : this.#outcomes.justMade(stage.name, record.key);
    const restored = just === undefined && before !== undefined && before !== record.key;
    this.#outcomes.show(stage, record);
    this.#project.store.touch(record.key);
    this.#outcomes.tellRuntime(stage.name, record);
    this.#outcomes.cached(stage.name, record, { because, restored, just });
    return { type: 'there', record, sameAgain: because, made: false };
  }

  /** Its record stands for the stages below; its bytes are made only if one of them asks. */
  leave(name: StageName, record: StageRecord): Settled {
    this.#outcomes.records.set(name, record);
    return { type: 'recorded', record };
  }

  /** Nobody needed its bytes to the end of the run. */
  showCollected(name: StageName, record: StageRecord): void {
    const before = currentKey(this.#project, name);
    const restored = before !== undefined && before !== record.key;
    this.#outcomes.collected(stageOf(this.#project.pipeline, name), record, restored);
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

  fail(name: StageName, seconds: number, faults: readonly Fault[]): Settled {
    this.#outcomes.fail(name, seconds, faults);
    return { type: 'missing' };
  }

  /** `because`: the stage that is to blame, if one is. */
  skip(name: StageName, because: StageName | undefined): Settled {
    this.#outcomes.skip(name, because);
    return { type: 'missing' };
  }
}
