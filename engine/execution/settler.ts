import { settle } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import { restless } from '../attempt/check-inputs.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { upstream } from '../key/graph.ts';
import type { Keyed, WholeKey } from '../key/standing.ts';
import { explain } from '../plan/explain.ts';
import { frozenAway } from '../plan/frozen.ts';
import type { StagePlan } from '../plan/walk.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import { decide, type Decision } from './decide.ts';
import type { Endings } from './endings.ts';
import type { Maker } from './make.ts';
import type { MakeEnd } from './order.ts';
import type { Outcomes } from './outcomes.ts';
import type { Settled, Settlements } from './settlements.ts';

/** What the user asked of single stages. */
export interface MakingOptions {
  readonly forced: ReadonlySet<StageName>;
  /** Stages whose artifacts must be there at the end. */
  readonly targets: ReadonlySet<StageName>;
}

/** What a run has for settling its stages. */
interface Means {
  readonly project: Project;
  readonly options: MakingOptions;
  /** Lower ones get their turn first. */
  readonly ranks: ReadonlyMap<StageName, number>;
  readonly maker: Maker;
  readonly outcomes: Outcomes;
  readonly settlements: Settlements;
  readonly endings: Endings;
  /** Sees that a stage above has its bytes. Tells whether that took its time. */
  readonly demand: (above: StageName, by: StageName) => Promise<boolean>;
}

/** Of the stages above one, at one moment. */
type Records = ReadonlyMap<StageName, StageRecord | undefined>;

type Decided = Decision & { readonly records: Records };

/** Settles one stage: `decide` says by its key what is to be done, the `Maker` makes it if it must be made. */
export class Settler {
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  /** All above is known now. Faults of the inputs are the stage's own. `again`: its inputs changed while it was to start. */
  async decideAndMake(stage: Stage, planned: StagePlan, again = false): Promise<Settled> {
    const { options, settlements, endings, demand } = this.#means;
    if (stage.frozen) return endings.fail(stage.name, 0, [frozenAway(stage)]);
    const asked = again || options.targets.has(stage.name) || planned.state === 'run' || this.#isAnew(stage);
    const settled = await settle(async () => {
      let decision = await this.#decide(stage, asked, again ? undefined : planned.keyed);
      // Only now the bytes of everything above are needed; to make them takes long, so look again.
      for (;;) {
        if (decision.type === 'leave') return endings.leave(stage.name, decision.record);
        if (decision.type === 'reuse') return endings.reuse(stage, decision.record);
        let waited = false;
        for (const above of upstream(stage)) {
          if (await demand(above, stage.name)) waited = true;
        }
        const lacking = await settlements.lacking(upstream(stage));
        if (lacking !== undefined) return endings.skip(stage.name, lacking);
        if (!waited && this.#isOf(stage, decision.records)) break;
        decision = await this.#decide(stage, true);
      }
      const end = await this.#make(stage, planned, decision);
      if (end.type !== 'outdated') return endings.conclude(stage, end);
      if (again) return endings.fail(stage.name, 0, [restless(stage, end.source)]);
      return this.decideAndMake(stage, { ...planned, state: 'maybe' }, true);
    });
    return settled.ok ? settled.value : endings.fail(stage.name, 0, settled.faults);
  }

  /** Whether this result is still the one to reuse, now that those above may have others. */
  async wouldReuse(stage: Stage, { key }: StageRecord): Promise<boolean> {
    const decision = await settle(() => this.#decide(stage, false));
    return decision.ok && decision.value.type === 'reuse' && decision.value.record.key === key;
  }

  /** By one generation of what is above, whatever is made again meanwhile. */
  async #decide(stage: Stage, asked: boolean, planned?: WholeKey): Promise<Decided> {
    const { project, maker, outcomes } = this.#means;
    const records = new Map(upstream(stage).map((name) => [name, outcomes.records.get(name)]));
    const recordOf = (name: StageName) => records.get(name);
    const question = { recordOf, counts: (record: StageRecord) => this.#counts(stage, record), asked };
    const decision = await maker.decide(async () => {
      const guess =
        planned === undefined ? undefined : await decide(project, stage, { ...question, planned });
      // Only a start looks whether the plan's inputs are still the same.
      return guess?.type === 'make' ? guess : decide(project, stage, question);
    });
    return { ...decision, records };
  }

  /** Whether these are still the records of what is above. */
  #isOf(stage: Stage, records: Records): boolean {
    return upstream(stage).every((name) => records.get(name) === this.#means.outcomes.records.get(name));
  }

  /** Of a stage that is to be made anew only what this run made, of it or of another stage with its key: one making will do for both. */
  #counts(stage: Stage, record: StageRecord): boolean {
    const { outcomes } = this.#means;
    if (!this.#isAnew(stage)) return true;
    return outcomes.records.get(stage.name)?.key === record.key || outcomes.hasMade(record);
  }

  #isAnew({ name, always }: Stage): boolean {
    return always || this.#means.options.forced.has(name);
  }

  async #make(
    stage: Stage,
    planned: StagePlan,
    { keyed, damaged, records }: Extract<Decided, { type: 'make' }>,
  ): Promise<MakeEnd> {
    const { options, ranks, maker, outcomes } = this.#means;
    if (damaged !== undefined) outcomes.quarantine(stage.name, damaged);
    return maker.make({
      stage,
      keyed,
      recordOf: (above) => records.get(above),
      counts: (record) => this.#counts(stage, record),
      dropCheckpoint: options.forced.has(stage.name),
      rank: ranks.get(stage.name) ?? 0,
      reasons: () => this.#reasons(stage, planned, keyed),
    });
  }

  /** Those of the plan, unless it could not know them yet. */
  #reasons(stage: Stage, planned: StagePlan, keyed: Keyed): readonly Reason[] {
    const reasons = planned.state === 'maybe' ? explain(this.#means.project, stage, keyed) : [];
    return reasons.length > 0 ? reasons : planned.reasons;
  }
}
