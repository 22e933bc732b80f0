import { byCodeUnit } from '../../base/canonical.ts';
import type { Pipeline, StageName } from '../definition/types.ts';
import type { Metrics } from '../key/metrics.ts';

/** The numbers of a stage. */
export type StageNumbers = readonly [stage: string, metrics: Metrics];

/** One number that several results are compared by. */
export interface MetricColumn {
  /** Its name in what is told: `iou`, `evaluate:iou` where several stages have one, `evaluate@*:iou` for the mean. */
  readonly key: string;
  /** The metric's own name. */
  readonly metric: string;
  /** Whose it is; of a mean over the members of a matrix all of them. */
  readonly stages: readonly string[];
  /** Of a matrix, the stage as pipeline.yaml names it. */
  readonly of?: string;
}

/**
 * All numbers that some of the results have. A member of a matrix is always named beside its metric, and its members come
 * behind their mean: one number by which results can be ranked.
 */
export function metricColumns(
  pipeline: Pipeline,
  results: readonly (readonly StageNumbers[])[],
): readonly MetricColumn[] {
  const order = new Map<string, number>(pipeline.order.map((stage, at) => [stage, at]));
  const place = (stage: string): number => order.get(stage) ?? order.size;
  // Whoever has them first: members stand in their own order.
  const numbers = results.flat().toSorted(([a], [b]) => place(a) - place(b) || byCodeUnit(a, b));
  const owners = new Map<string, Set<string>>();
  for (const [stage, metrics] of numbers) {
    for (const metric of Object.keys(metrics)) {
      owners.set(metric, (owners.get(metric) ?? new Set<string>()).add(stage));
    }
  }
  const columns = new Map<string, MetricColumn>();
  const add = (column: MetricColumn) => columns.set(column.key, columns.get(column.key) ?? column);
  for (const [stage, metrics] of numbers) {
    const of = pipeline.stages.get(stage as StageName)?.member?.of;
    const members = of === undefined ? [] : membersOf(pipeline, of);
    for (const metric of Object.keys(metrics)) {
      if (of !== undefined && members.length > 1) {
        add({ key: `${of}@*:${metric}`, metric, stages: members, of });
      }
      const isPlain = of === undefined && owners.get(metric)?.size === 1;
      const key = isPlain ? metric : `${stage}:${metric}`;
      add({ key, metric, stages: [stage], ...(of === undefined ? {} : { of }) });
    }
  }
  return [...columns.values()];
}

/**
 * The value of each column that a result has; a mean only where every member of the matrix has the number, and `mixed`, the
 * matrices whose members do not belong together, names none: what stands below one of them is mixed too.
 */
export function valuesOf(
  columns: readonly MetricColumn[],
  result: readonly StageNumbers[],
  mixed: readonly string[],
): Metrics {
  const numbers = new Map(result);
  return Object.fromEntries(
    columns.flatMap((column) => {
      const { key, metric, stages } = column;
      if (isMean(column) && mixed.length > 0) return [];
      const values = stages.flatMap((stage) => numbers.get(stage)?.[metric] ?? []);
      if (values.length < stages.length) return [];
      return [[key, values.reduce((sum, value) => sum + value, 0) / values.length]];
    }),
  );
}

/** Whether a column is the mean over the members of a matrix. */
export function isMean({ stages }: MetricColumn): boolean {
  return stages.length > 1;
}

/** Each column by as few words as tell it from all others: `iou`, `mean iou`, `seed-1 iou`, `evaluate@seed-1:iou`. */
export function shortColumns(columns: readonly MetricColumn[]): ReadonlyMap<string, string> {
  const wordings = columns.map((column) => [...wordingsOf(column), column.key]);
  const count = new Map<string, number>();
  for (const text of wordings.flatMap((each) => [...new Set(each)])) {
    count.set(text, (count.get(text) ?? 0) + 1);
  }
  return new Map(
    columns.map(({ key }, at) => [key, wordings[at]?.find((text) => count.get(text) === 1) ?? key]),
  );
}

function wordingsOf(column: MetricColumn): readonly string[] {
  const { metric, of, stages } = column;
  if (of === undefined) return [metric];
  if (isMean(column)) return [`mean ${metric}`, `mean ${of}:${metric}`];
  const member = (stages[0] ?? '').slice(of.length + 1);
  return [`${member} ${metric}`];
}

function membersOf(pipeline: Pipeline, of: string): readonly string[] {
  return [...pipeline.stages.values()].filter(({ member }) => member?.of === of).map(({ name }) => name);
}
