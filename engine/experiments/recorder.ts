import { describeSelf } from '../../cache/holder.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';
import type { EngineEvent, StageOutcome } from '../events.ts';
import { stageOf } from '../graph.ts';
import type { Project } from '../project.ts';
import { stateOf, type Experiment, type ExperimentStage } from './experiment.ts';
import { findExperiment, sameOverrides, writeExperiment } from './files.ts';
import type { GitState } from './git.ts';
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
    const made = this.#stages(at);
    const isSame = before !== undefined && sameOverrides(before.overrides, member.overrides);
    const others = Object.entries(isSame ? before.stages : {}).filter(
      ([name]) => made[name] === undefined && member.pipeline.stages.has(name as StageName),
    );
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
      stages: { ...Object.fromEntries(others), ...made },
    });
  }

  #stages(at: number): Readonly<Record<string, ExperimentStage>> {
    const { pipeline } = this.#memberAt(at);
    return Object.fromEntries(
      [...this.#stagesOf(at)].map(([own, stage]): [string, ExperimentStage] => {
        const record = this.#records.get(stage);
        const outcome = this.#outcomes.get(stage);
        return [
          own,
          {
            key: record?.key ?? null,
            params: stageOf(pipeline, own).params,
            metrics: record?.metrics ?? {},
            faults: outcome?.type === 'failed' ? outcome.faults.map(({ message }) => message) : [],
          },
        ];
      }),
    );
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
