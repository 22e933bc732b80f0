import { byCodeUnit, type Json } from '../../base/canonical.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';
import { stageOf } from '../key/graph.ts';
import { metricsOf } from '../key/metrics.ts';
import { currentRecord } from '../key/result.ts';
import type { Project } from '../project/project.ts';
import type { Experiment } from './experiment.ts';
import { outdatedStages, paramsMadeWith } from './lineage.ts';
import { metricColumns, valuesOf, type MetricColumn, type StageNumbers } from './metric-columns.ts';
import { currentName } from './names.ts';
import { axisKeys, differingParams, mixedMatrices, paramsOf, type StageParams } from './params.ts';
import { tellExperiment, type ToldExperiment } from './told.ts';

/** One line of a comparison: an experiment, or the plain current result. */
export interface Contender {
  readonly name: string;
  readonly status: Experiment['status'];
  /** Dotted key → value. */
  readonly params: Readonly<Record<string, Json>>;
  /** Key of a column → value. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Stages left out of both, since they were made from other results than those shown of the stages above. */
  readonly outdated: readonly string[];
  /** Stages whose metrics cannot be read: they were listed after the result was made, and its bytes are gone. */
  readonly unread: readonly string[];
  /** Matrices whose members were made with different params beside their axes: there is no mean over them. */
  readonly mixed: readonly string[];
  /** None of the current result. */
  readonly experiment?: Experiment;
}

/** Results side by side. */
export interface Comparison {
  readonly contenders: readonly Contender[];
  readonly columns: readonly MetricColumn[];
  /** Keys of params that not all have with one value, sorted; without the axes of matrices. */
  readonly params: readonly string[];
}

/** One result before it is known what it is compared with. */
export interface Entrant {
  readonly side: Omit<Contender, 'params' | 'metrics'>;
  readonly numbers: readonly StageNumbers[];
  readonly madeWith: readonly StageParams[];
}

/** Names params and metrics alike in all of them. */
export function compare(project: Project, entrants: readonly Entrant[]): Comparison {
  const { pipeline } = project;
  const columns = metricColumns(
    pipeline,
    entrants.map(({ numbers }) => numbers),
  );
  const params = paramsOf(
    pipeline,
    entrants.map(({ madeWith }) => madeWith),
  );
  const contenders = entrants.map(({ side, numbers }, at) => ({
    ...side,
    params: params[at] ?? {},
    metrics: valuesOf(columns, numbers, side.mixed),
  }));
  const axes = axisKeys(pipeline);
  return { contenders, columns, params: differingParams(contenders).filter((key) => !axes.has(key)) };
}

/** Faults: a metrics out that holds no JSON object. */
export function entrantOf(project: Project, experiment: Experiment): Result<Entrant> {
  const read = tellExperiment(project, experiment);
  return read.ok ? ok(toldEntrant(project, read.value)) : read;
}

export function toldEntrant(project: Project, experiment: ToldExperiment): Entrant {
  const all = inOrder(project, Object.entries(experiment.stages));
  const stages = all.filter(([, { outdated }]) => outdated !== true);
  const madeWith = stages.map(([stage, { params }]): StageParams => [stage, params]);
  return {
    side: {
      name: experiment.name,
      status: experiment.status,
      outdated: all.filter((each) => !stages.includes(each)).map(([stage]) => stage),
      unread: experiment.unread,
      mixed: mixedMatrices(project.pipeline, madeWith),
      experiment,
    },
    madeWith,
    numbers: stages.map(([stage, { metrics }]) => [stage, metrics]),
  };
}

/** What `artifacts/` shows; undefined if there is nothing yet. Faults: a metrics out that holds no JSON object. */
export function currentEntrant(project: Project): Result<Entrant | undefined> {
  const all = currentRecords(project);
  if (all.length === 0) return ok(undefined);
  const outdated = outdatedStages(project, project.pipeline, new Map(all));
  const records = all.filter(([stage]) => !outdated.has(stage));
  const faults: Fault[] = [];
  const unread: string[] = [];
  const numbers = records.map(([stage, record]): StageNumbers => {
    const read = metricsOf(project, stageOf(project.pipeline, stage), record);
    if (!read.ok) faults.push(...read.faults);
    else if (read.value.unread.length > 0) unread.push(stage);
    return [stage, read.ok ? read.value.metrics : {}];
  });
  if (faults.length > 0) return fail(...faults);
  const madeWith = records.map(([stage, record]): StageParams => [stage, paramsMadeWith(project, record)]);
  const mixed = mixedMatrices(project.pipeline, madeWith);
  const side = { name: currentName, status: 'done' as const, outdated: [...outdated], unread, mixed };
  return ok({ side, madeWith, numbers });
}

export function currentRecords(project: Project): readonly (readonly [StageName, StageRecord])[] {
  return project.pipeline.order.flatMap((stage) => {
    const record = currentRecord(project, stage);
    return record === undefined ? [] : [[stage, record] as const];
  });
}

function inOrder<T>(
  project: Project,
  stages: readonly (readonly [string, T])[],
): readonly (readonly [string, T])[] {
  const order = new Map<string, number>(project.pipeline.order.map((stage, at) => [stage, at]));
  const place = (stage: string): number => order.get(stage) ?? order.size;
  return stages.toSorted(([a], [b]) => place(a) - place(b) || byCodeUnit(a, b));
}
