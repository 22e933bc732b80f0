import { canonical, type Json } from '../../base/canonical.ts';
import { isDigest, type Digest } from '../../base/digest.ts';
import { isAlive, parseHolder, type Holder } from '../../cache/holder.ts';
import type { GitState } from './git.ts';
import type { Overrides } from './sweep.ts';

/** `.ers/experiments/NAME.json`: what was tried, and what came of it. */
export interface Experiment {
  readonly version: 1;
  readonly name: string;
  readonly overrides: Overrides;
  /** Config file of `--config`, relative to the project; null: the one that the pipeline names. */
  readonly config: string | null;
  /** Stages that were asked for; none: the pipeline's default. */
  readonly targets: readonly string[];
  /** `running` stays behind where the run was killed: see `stateOf`. */
  readonly status: 'running' | 'done' | 'failed' | 'stopped';
  /** The run that wrote this last, `.ers/runs/RUN`. */
  readonly run: string;
  readonly holder: Holder;
  /** ISO, UTC. */
  readonly started: string;
  readonly ended: string | null;
  readonly git: GitState | null;
  /** By the pipeline's own names. */
  readonly stages: Readonly<Record<string, ExperimentStage>>;
}

export interface ExperimentStage {
  /** Of its record; null where it has no result. */
  readonly key: Digest | null;
  /** Those that its result was made with; without one those that it was to be made with. */
  readonly params: Readonly<Record<string, Json>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Sentences of what went wrong with it. */
  readonly faults: readonly string[];
  /** Its result was made from other results than those of the stages above in this file. */
  readonly outdated?: true;
}

/** What makes two runs the same experiment: the results of the later one take the place of the other's. */
export type Identity = Pick<Experiment, 'overrides' | 'config'>;

export function isSameExperiment(a: Identity, b: Identity): boolean {
  return a.config === b.config && canonical(a.overrides) === canonical(b.overrides);
}

/** One whose run is gone without a word was killed: the same command goes on from there, as from one that was stopped. */
export function stateOf({ status, holder }: Experiment): Experiment['status'] {
  return status === 'running' && isAlive(holder) === 'dead' ? 'stopped' : status;
}

/** The experiment that a file holds; undefined if it is of another version or of another name. */
export function parseExperiment(value: Json | undefined, name: string): Experiment | undefined {
  if (!isObject(value) || value['version'] !== 1 || value['name'] !== name) return undefined;
  const { overrides, config, targets, status, run, holder, started, ended, git, stages } = value;
  const isRight =
    isObject(overrides) &&
    (config === null || typeof config === 'string') &&
    isTexts(targets) &&
    ['running', 'done', 'failed', 'stopped'].some((each) => each === status) &&
    [run, started].every((text) => typeof text === 'string') &&
    parseHolder(holder) !== undefined &&
    (ended === null || typeof ended === 'string') &&
    (git === null || isGitState(git)) &&
    isObject(stages) &&
    Object.values(stages).every(isStage);
  return isRight ? (value as unknown as Experiment) : undefined;
}

function isStage(value: Json): boolean {
  if (!isObject(value)) return false;
  const { key, params, metrics, faults, outdated } = value;
  return (
    (key === null || (typeof key === 'string' && isDigest(key))) &&
    isObject(params) &&
    isObject(metrics) &&
    Object.values(metrics).every((metric) => typeof metric === 'number') &&
    isTexts(faults) &&
    (outdated === undefined || outdated === true)
  );
}

function isGitState(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  const { commit, dirty, changes, digest, diff } = value;
  return (
    typeof commit === 'string' &&
    isTexts(dirty) &&
    typeof changes === 'number' &&
    [digest, diff].every((text) => text === null || typeof text === 'string')
  );
}

function isTexts(value: Json | undefined): boolean {
  return Array.isArray(value) && (value as readonly Json[]).every((text) => typeof text === 'string');
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
