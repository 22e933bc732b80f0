import type { Json } from '../../base/canonical.ts';
import { describeSelf } from '../../cache/holder.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage, StageName } from '../definition/types.ts';
import type { EngineEvent, StageOutcome } from '../events.ts';
import { stageOf } from '../key/graph.ts';
import { metricsOf, type Metrics } from '../key/metrics.ts';
import type { Project } from '../project/project.ts';
import { resultOf } from '../key/result.ts';
import {
  isSameExperiment,
  stateOf,
  type Experiment,
  type ExperimentStage,
  type Identity,
} from './experiment.ts';
import { findExperiment, writeExperiment } from './files.ts';
import type { GitState } from './git.ts';
import { outdatedStages, paramsMadeWith } from './lineage.ts';
import type { Member } from './members.ts';
import type { Union } from './union.ts';

export interface RecorderOptions {
  readonly config: string | null;
  /** The pipeline's own stages; none: its default. */
  readonly targets: readonly StageName[];
  readonly git: GitState | null;
}

/** Keeps the files of the experiments of one run up to date with what it comes to. */
export class Recorder {
  readonly #project: Project;
  readonly #members: readonly Member[];
  readonly #union: Union;
  readonly #options: RecorderOptions;
  readonly #started: string;
  readonly #records = new Map<StageName, StageRecord>();
  readonly #outcomes = new Map<StageName, StageOutcome>();
  #run = '';
  #planned: ReadonlySet<string> = new Set();
  #begun = false;

  constructor(project: Project, members: readonly Member[], union: Union, options: RecorderOptions) {
    this.#project = project;
    this.#members = members;
    this.#union = union;
    this.#options = options;
    this.#started = this.#now();
  }

  /** Nothing is written before a stage starts: a run that is refused leaves no experiment behind. */
  follow(event: EngineEvent): void {
    if (event.type === 'run-started') {
      this.#run = event.run;
      this.#planned = new Set(event.stages.map(({ stage }) => stage));
    }
    if (event.type === 'stage-finished') this.#outcomes.set(event.stage as StageName, event.outcome);
    if (event.type !== 'stage-started' || this.#begun) return;
    this.#begun = true;
    for (const at of this.#members.keys()) this.#write(at, 'running');
  }

  /** What was made is written down at once: an engine that is killed leaves it to the same command, and to `gc`. */
  took(stage: StageName, record: StageRecord): void {
    this.#records.set(stage, record);
    if (!this.#begun) return;
    for (const [at, stages] of this.#union.stages.entries()) {
      if ([...stages.values()].includes(stage)) this.#write(at, 'running');
    }
  }

  settle(): void {
    for (const at of this.#members.keys()) this.#write(at, this.status(at));
  }

  /** How the member at this place came out. */
  status(at: number): Exclude<Experiment['status'], 'running'> {
    const outcomes = [...this.#stagesOf(at).values()].map((stage) => this.#outcomes.get(stage)?.type);
    if (outcomes.includes('failed')) return 'failed';
    return outcomes.every((type) => type === 'made' || type === 'cached') ? 'done' : 'stopped';
  }

  #write(at: number, status: Experiment['status']): void {
    const member = this.#memberAt(at);
    const before = findExperiment(this.#project, member.name);
    const isOurs = before?.run === this.#run;
    // A run that comes to nothing leaves alone what another one has made, or is making, of the same experiment.
    if (before !== undefined && !isOurs && status === 'stopped' && isBetter(before, this.#started)) return;
    const isSame = before !== undefined && isSameExperiment(before, this.#identity(member));
    writeExperiment(this.#project, {
      version: 1,
      name: member.name,
      overrides: member.overrides,
      config: this.#options.config,
      targets: this.#options.targets,
      status,
      run: this.#run,
      holder: describeSelf(''),
      started: this.#started,
      ended: status === 'running' ? null : this.#now(),
      git: this.#options.git,
      stages: this.#stages(at, isSame ? before.stages : {}),
    });
  }

  /** What this run came to, and what the experiment had before of the stages that this run has made nothing of. */
  #stages(
    at: number,
    before: Readonly<Record<string, ExperimentStage>>,
  ): Readonly<Record<string, ExperimentStage>> {
    const { pipeline } = this.#memberAt(at);
    const own = this.#stagesOf(at);
    const shown = new Map<StageName, StageRecord | undefined>();
    const stages = new Map<StageName, ExperimentStage>();
    for (const name of pipeline.order) {
      const united = own.get(name);
      const made = united === undefined ? undefined : this.#records.get(united);
      const kept = made === undefined ? before[name] : undefined;
      // What had no result, and was not asked for now, says nothing.
      if (united === undefined && (kept?.key ?? null) === null) continue;
      const outcome = united === undefined ? undefined : this.#outcomes.get(united);
      shown.set(name, made ?? this.#recordOf(name, kept));
      stages.set(name, {
        key: made?.key ?? kept?.key ?? null,
        params: this.#paramsOf(stageOf(pipeline, name), made, kept),
        metrics: made === undefined ? (kept?.metrics ?? {}) : this.#metricsOf(stageOf(pipeline, name), made),
        faults: outcome?.type === 'failed' ? outcome.faults.map(({ message }) => message) : [],
      });
    }
    const outdated = outdatedStages(this.#project, pipeline, shown);
    return Object.fromEntries(
      [...stages].map(([name, stage]) => [
        name,
        outdated.has(name) ? { ...stage, outdated: true as const } : stage,
      ]),
    );
  }

  #recordOf(name: StageName, stage: ExperimentStage | undefined): StageRecord | undefined {
    return stage?.key == null ? undefined : resultOf(this.#project, name, stage.key);
  }

  /** A list of metrics that its files do not fit is told by the run. */
  #metricsOf(stage: Stage, record: StageRecord): Metrics {
    const told = metricsOf(this.#project, stage, record);
    return told.ok ? told.value.metrics : {};
  }

  /** A stage without any result shows what it was to be made with. */
  #paramsOf(
    stage: Stage,
    made: StageRecord | undefined,
    kept: ExperimentStage | undefined,
  ): Readonly<Record<string, Json>> {
    if (made !== undefined) return paramsMadeWith(this.#project, made);
    return kept === undefined || kept.key === null ? stage.params : kept.params;
  }

  #identity({ overrides }: Member): Identity {
    return { overrides, config: this.#options.config };
  }

  /** The stages that the run is about, of a member: its own names to those of the union. */
  #stagesOf(at: number): ReadonlyMap<StageName, StageName> {
    const stages = this.#union.stages[at] ?? new Map<StageName, StageName>();
    return new Map([...stages].filter(([, stage]) => this.#planned.has(stage)));
  }

  #memberAt(at: number): Member {
    const member = this.#members[at];
    if (member === undefined) throw new Error('Internal error: no such member');
    return member;
  }

  #now(): string {
    return new Date(this.#project.now()).toISOString();
  }
}

/** Made or begun by another run since this one began. */
function isBetter(other: Experiment, since: string): boolean {
  const state = stateOf(other);
  return (state === 'done' && (other.ended ?? '') >= since) || state === 'running';
}
