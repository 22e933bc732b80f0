import type { Json } from '../../base/canonical.ts';
import { sayPlace, type Fault } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import { acceptedOf, endAcceptance } from '../project/accepted.ts';
import { showArtifacts } from '../project/artifacts.ts';
import { currentKey, setCurrent } from '../project/current.ts';
import { currentRecord } from '../key/result.ts';
import type { Digest } from '../../base/digest.ts';
import { stageOf, upstream } from '../key/graph.ts';
import { metricsOf, sayUnread, type Metrics } from '../key/metrics.ts';
import type { Stage, StageName } from '../definition/types.ts';
import type { EngineEvent, JustMade, StageOutcome } from '../events.ts';
import { runtimeChanges, sayFacts } from '../key/exact-runtime.ts';
import { currentFile, experimentsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import type { Standing } from '../key/standing.ts';
import { sayUnwritten } from '../project/unwritten.ts';

/** What a run has come to so far: the record that stands for each stage, and what went wrong. */
export class Outcomes {
  readonly records = new Map<StageName, StageRecord>();
  readonly #project: Project;
  readonly #emit: (event: EngineEvent) => void;
  readonly #told = new Set<string>();
  #failed = false;
  #incomplete = false;
  #culprit: StageName | undefined;
  #left = false;
  readonly #makers = new Map<Digest, StageName>();
  readonly #attempts = new Set<Json>();
  /** What the project showed of each stage when this run began. */
  readonly #found: ReadonlyMap<StageName, Digest | undefined>;
  /** The same, or what this run has shown since. */
  readonly #shown: Map<StageName, Digest | undefined>;

  constructor(project: Project, stages: Iterable<StageName>, emit: (event: EngineEvent) => void) {
    this.#project = project;
    this.#emit = emit;
    this.#found = new Map([...stages].map((name) => [name, currentKey(project, name)]));
    this.#shown = new Map(this.#found);
  }

  /** Whether a stage is without a result: it failed, was stopped, or was skipped. */
  get incomplete(): boolean {
    return this.#incomplete;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Whether results of this run stay out of `artifacts/`, since another run has shown others. */
  get left(): boolean {
    if (this.#left || !this.#isShown) return this.#left;
    return [...this.#shown].some(([name, shown]) => {
      const now = currentKey(this.#project, name);
      return now !== shown && now !== this.#found.get(name);
    });
  }

  /** The first stage that failed or was stopped. */
  get culprit(): StageName | undefined {
    return this.#culprit;
  }

  /** From now on `artifacts/` shows this result; experiments keep it for themselves. */
  show(stage: Stage, record: StageRecord): void {
    this.records.set(stage.name, record);
    const { experiments } = this.#project;
    if (experiments !== undefined) {
      this.#keep(experimentsFolder(this.#project), () => experiments.took(stage.name, record));
      return;
    }
    if (this.#isTakenOver(stage)) {
      this.#leave();
      return;
    }
    for (const problem of showArtifacts(this.#project, stage, record)) this.#noticeOnce(problem);
    if (this.#isTakenOver(stage)) {
      // It did so while these links were made: they are to show what it calls current.
      const theirs = currentRecord(this.#project, stage.name);
      if (theirs !== undefined) showArtifacts(this.#project, stage, theirs);
      this.#leave();
      return;
    }
    this.#shown.set(stage.name, record.key);
    this.#keep(currentFile(this.#project, stage.name), () => {
      if (acceptedOf(record) === undefined) endAcceptance(this.#project, stage.name, record.key);
      setCurrent(this.#project, stage.name, record.key);
    });
  }

  #leave(): void {
    this.#left = true;
    this.#noticeOnce(
      'another run has shown other results in artifacts/ since this one began, so its own stay in the store; `ers run` shows what is current',
    );
  }

  /** Another run, begun with another config, has shown its own result of the stage or of one above: beside that, this one's would be of another generation. */
  #isTakenOver(stage: Stage): boolean {
    return [stage.name, ...(stage.frozen ? [] : upstream(stage))].some((name) => {
      const now = currentKey(this.#project, name);
      return now !== undefined && now !== this.#shown.get(name) && now !== this.records.get(name)?.key;
    });
  }

  /** Experiments put nothing back. */
  get #isShown(): boolean {
    return this.#project.experiments === undefined;
  }

  /** Writes a file of the project that no result depends on: a refusal of the system is told, and the run goes on. */
  #keep(path: string, write: () => void): void {
    const problem = sayUnwritten(this.#project.pipeline.root, path, write);
    if (problem !== undefined) this.#noticeOnce(problem);
  }

  made(name: StageName, seconds: number, same: boolean, record: StageRecord): void {
    this.#makers.set(record.key, name);
    this.#attempts.add(record.made['attempt'] ?? null);
    this.#finish(name, { type: 'made', seconds, same, metrics: this.#metrics(name, record) });
  }

  /** Whether this very run made it, for whichever stage. */
  hasMade({ made }: StageRecord): boolean {
    return this.#attempts.has(made['attempt'] ?? null);
  }

  /** The other stage that made the result of this key in this run. */
  justMade(name: StageName, key: Digest): JustMade | undefined {
    const stage = this.#makers.get(key);
    return stage === undefined || stage === name ? undefined : { by: 'stage', stage };
  }

  cached(
    name: StageName,
    record: StageRecord,
    how: {
      readonly because: readonly StageName[];
      readonly restored: boolean;
      readonly just: JustMade | undefined;
    },
  ): void {
    const accepted = acceptedOf(record);
    const { because, restored, just } = how;
    this.#finish(name, {
      type: 'cached',
      because,
      restored: restored && this.#isShown,
      ...(just === undefined ? {} : { just }),
      ...(accepted === undefined ? {} : { accepted }),
      metrics: this.#metrics(name, record),
    });
  }

  /** It never runs; `reasons` would have made it stale. */
  frozen(name: StageName, record: StageRecord, reasons: readonly Reason[]): void {
    const metrics = this.#metrics(name, record);
    this.#finish(name, { type: 'cached', because: [], restored: false, frozen: reasons, metrics });
  }

  /** Its record stands, its bytes are gone: nothing of another result may be shown in their place. */
  collected(stage: Stage, record: StageRecord, restored: boolean): void {
    this.show(stage, record);
    const metrics = this.#metrics(stage.name, record);
    this.#finish(stage.name, {
      type: 'cached',
      because: [],
      restored: restored && this.#isShown,
      collected: true,
      metrics,
    });
  }

  fail(name: StageName, seconds: number, faults: readonly Fault[]): void {
    this.#culprit ??= name;
    this.#failed = true;
    this.#finish(name, { type: 'failed', seconds, faults });
  }

  stop(name: StageName, seconds: number, checkpoint: boolean): void {
    this.#culprit ??= name;
    this.#finish(name, { type: 'stopped', seconds, checkpoint });
  }

  /** `because`: the stage that is to blame; a run that was stopped before any started has none. */
  skip(name: StageName, because: StageName | undefined): void {
    this.#finish(name, { type: 'skipped', because: because ?? 'interrupted' });
  }

  /** Damaged trees are moved aside, so that the stage can be made again, and told. */
  quarantine(name: StageName, { out, file, trees }: Extract<Standing, { type: 'damaged' }>): void {
    for (const tree of trees) {
      const where = this.#project.store.quarantine(tree);
      // Another run or `ers verify` was there before.
      if (where === undefined) continue;
      this.#notice(`${name}: artifact ${out} was damaged (${file || out}); it was moved to ${where}`);
    }
  }

  /** A stage that was made again for its bytes has others now. */
  broughtOthers(name: StageName): void {
    const text = `${name}: made again it has other bytes than before; what had been settled by those is decided again`;
    this.#emit({ type: 'notice', level: 'info', text });
  }

  /** One line for a result that another machine, or this one set up otherwise, may make with other last bits. */
  tellRuntime(name: StageName, record: StageRecord): void {
    const changes = runtimeChanges(this.#project, record);
    if (changes.length === 0) return;
    const [before, after] = [sayFacts(changes, 'before'), sayFacts(changes, 'after')];
    const text = `${name}: this result was made with ${before}, here it would be ${after}; --strict-runtime makes it anew`;
    this.#emit({ type: 'notice', level: 'info', text });
  }

  /** As the stage's list has them now; a list that its files do not fit is told, and changes nothing of the result. */
  #metrics(name: StageName, record: StageRecord): Metrics {
    const told = metricsOf(this.#project, stageOf(this.#project.pipeline, name), record);
    if (!told.ok) {
      for (const { message, place, hint } of told.faults) {
        const where = place === undefined ? '' : `${sayPlace(place)}: `;
        this.#noticeOnce(`${where}${message} ${hint ?? ''}`);
      }
      return {};
    }
    const { metrics, unread } = told.value;
    if (unread.length > 0) this.#noticeOnce(`${name}: ${sayUnread(unread)}`);
    return metrics;
  }

  #notice(text: string): void {
    this.#emit({ type: 'notice', level: 'warning', text });
  }

  #noticeOnce(text: string): void {
    if (!this.#told.has(text)) this.#notice(text);
    this.#told.add(text);
  }

  #finish(stage: StageName, outcome: StageOutcome): void {
    if (outcome.type !== 'made' && outcome.type !== 'cached') this.#incomplete = true;
    this.#emit({ type: 'stage-finished', stage, outcome });
  }
}
