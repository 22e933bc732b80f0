import { byCodeUnit, canonical, type Json } from '../../base/canonical.ts';
import type { StageRecord } from '../../cache/types.ts';
import { currentRecord } from '../key/result.ts';
import type { StageName } from '../definition/types.ts';
import type { Project } from '../project/project.ts';
import { stateOf, type Experiment } from './experiment.ts';
import { outdatedStages, paramsMadeWith } from './lineage.ts';
import { currentName } from './names.ts';
import { paramsOf } from './params.ts';

/** One line of a comparison: an experiment, or the plain current result. */
export interface Contender {
  readonly name: string;
  readonly status: Experiment['status'];
  /** Dotted key → value. */
  readonly params: Readonly<Record<string, Json>>;
  /** Of a metric that several stages have, each is `stage:metric`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Stages left out of both, since they were made from other results than those shown of the stages above. */
  readonly outdated: readonly string[];
  /** None of the current result. */
  readonly experiment?: Experiment;
}

/** Whether more of a metric is better. */
export type Best = 'highest' | 'lowest';

export function contenderOf(project: Project, experiment: Experiment): Contender {
  const all = inOrder(project, Object.entries(experiment.stages));
  const stages = all.filter(([, { outdated }]) => outdated !== true);
  return {
    name: experiment.name,
    status: stateOf(experiment),
    params: paramsOf(stages.map(([stage, { params }]) => [stage, params])),
    metrics: mergeMetrics(stages.map(([stage, { metrics }]) => [stage, metrics])),
    outdated: all.filter((each) => !stages.includes(each)).map(([stage]) => stage),
    experiment,
  };
}

/** What `artifacts/` shows; undefined if there is nothing yet. */
export function currentContender(project: Project): Contender | undefined {
  const all = currentRecords(project);
  if (all.length === 0) return undefined;
  const outdated = outdatedStages(project, project.pipeline, new Map(all));
  const records = all.filter(([stage]) => !outdated.has(stage));
  return {
    name: currentName,
    status: 'done',
    params: paramsOf(records.map(([stage, record]) => [stage, paramsMadeWith(project, record)])),
    metrics: mergeMetrics(records.map(([stage, { metrics }]) => [stage, metrics])),
    outdated: [...outdated],
  };
}

export function currentRecords(project: Project): readonly (readonly [StageName, StageRecord])[] {
  return project.pipeline.order.flatMap((stage) => {
    const record = currentRecord(project, stage);
    return record === undefined ? [] : [[stage, record] as const];
  });
}

/** Keys of params that not all have with one value, sorted. */
export function differingParams(all: readonly Contender[]): readonly string[] {
  const keys = [...new Set(all.flatMap(({ params }) => Object.keys(params)))].sort(byCodeUnit);
  const textOf = (value: Json | undefined) => (value === undefined ? '' : canonical(value));
  return keys.filter((key) => new Set(all.map(({ params }) => textOf(params[key]))).size > 1);
}

/** Best first; those without the metric last. Ties by name. */
export function rank(
  all: readonly Contender[],
  metric: string | undefined,
  best: Best,
): readonly Contender[] {
  const sign = best === 'highest' ? -1 : 1;
  const valueOf = ({ metrics }: Contender): number => {
    const value = metric === undefined ? undefined : metrics[metric];
    return value === undefined ? Infinity : sign * value;
  };
  const difference = (a: Contender, b: Contender): number => {
    const [one, other] = [valueOf(a), valueOf(b)];
    return one === other ? 0 : one - other;
  };
  return all.toSorted((a, b) => difference(a, b) || byCodeUnit(a.name, b.name));
}

/** Words in the name of a metric of which less is better. */
const lowWords = new Set(
  'cost cer distance err error errors fnr fpr latency loss mae mape ms mse nll perplexity rmse seconds size time wer'.split(
    ' ',
  ),
);

/** By its name: `val_loss` is better low, `test_iou` high. */
export function bestOf(metric: string): Best {
  return metric
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => lowWords.has(word))
    ? 'lowest'
    : 'highest';
}

function inOrder<T>(
  project: Project,
  stages: readonly (readonly [string, T])[],
): readonly (readonly [string, T])[] {
  const order = new Map<string, number>(project.pipeline.order.map((stage, at) => [stage, at]));
  const place = (stage: string): number => order.get(stage) ?? order.size;
  return stages.toSorted(([a], [b]) => place(a) - place(b) || byCodeUnit(a, b));
}

function mergeMetrics(
  stages: readonly (readonly [string, Readonly<Record<string, number>>])[],
): Readonly<Record<string, number>> {
  const names = stages.flatMap(([, metrics]) => Object.keys(metrics));
  const isShared = (name: string): boolean => names.indexOf(name) !== names.lastIndexOf(name);
  return Object.fromEntries(
    stages.flatMap(([stage, metrics]) =>
      Object.entries(metrics).map(([name, value]) => [isShared(name) ? `${stage}:${name}` : name, value]),
    ),
  );
}
