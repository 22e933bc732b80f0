import { short, type Digest } from '../base/digest.ts';
import type { Contender } from '../engine/experiments/contenders.ts';
import { shortColumns, type MetricColumn } from '../engine/experiments/metric-columns.ts';
import { sayInFull, type Reason } from '../engine/reasons.ts';
import { sayScore } from '../ui/units.ts';
import { headlineColumns } from './exp-columns.ts';
import { leftOut, sayMetric } from './exp-table.ts';
import { wrapped } from './fit.ts';
import { sayPlainly } from './readable.ts';
import { alignRows } from './table.ts';

export interface StageDifference {
  readonly stage: string;
  readonly keys: readonly [Digest | null, Digest | null];
  /** Null where one of the two has no result, or its record cannot be read. */
  readonly reasons: readonly Reason[] | null;
}

export interface Difference {
  readonly a: Contender;
  readonly b: Contender;
  /** Keys that differ. */
  readonly params: readonly string[];
  readonly columns: readonly MetricColumn[];
  readonly stages: readonly StageDifference[];
}

/** Names and values up to this length stand in columns; longer ones on lines of their own. */
const longestCell = 24;

/** In what two results differ, in lines of at most `width` characters. */
export function differenceLines(
  { a, b, params, columns, stages }: Difference,
  width: number,
): readonly string[] {
  const isNarrow = [a, b].every(({ name }) => name.length <= longestCell);
  const heads = isNarrow ? [a.name, b.name] : ['A', 'B'];
  const worthy = headlineColumns(columns);
  const names = shortColumns(worthy);
  const valuesOf = (key: string) => [a, b].map((side) => sayParam(side, key));
  const isLong = (key: string) => [key, ...valuesOf(key)].some((text) => text.length > longestCell);
  const long = params.filter((key) => isLong(key));
  const paramRows = params.filter((key) => !isLong(key)).map((key) => [key, ...valuesOf(key)]);
  const metricRows = worthy.map((column) => [
    names.get(column.key) ?? column.key,
    ...[a, b].map((side) => sayMetric(side, column)),
    sayChange(a.metrics[column.key], b.metrics[column.key]),
  ]);
  return [
    ...(isNarrow ? [] : [`A  ${a.name}`, `B  ${b.name}`, '']),
    ...(paramRows.length === 0 && long.length > 0 ? ['params'] : table('params', heads, paramRows)),
    ...long.flatMap((key) => wrapped(`${key} ${valuesOf(key).join(' → ')}`, width)),
    '',
    ...(metricRows.length === 0 ? ['metrics: none'] : table('metrics', [...heads, 'difference'], metricRows)),
    '',
    ...stageLines(stages, width),
    ...[a, b].flatMap((side) => leftOut(side, width)),
  ];
}

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [`${title}: the same`];
  const right = heads.map((_, at) => at + 1);
  return alignRows([[title, ...heads], ...rows], right);
}

function sayParam({ params }: Contender, key: string): string {
  return params[key] === undefined ? '–' : sayPlainly(params[key]);
}

function sayChange(a: number | undefined, b: number | undefined): string {
  if (a === undefined || b === undefined) return '–';
  return a === b ? 'same' : `${b > a ? '+' : ''}${sayScore(b - a)}`;
}

/** The reasons behind each stage, or below it where they have no room there. */
function stageLines(stages: readonly StageDifference[], width: number): readonly string[] {
  if (stages.length === 0) return ['stages: all have one result in both'];
  const reasons = stages.map((each) => each.reasons?.flatMap(sayInFull) ?? []);
  const said = stages.map(({ stage, keys }) => [
    `  ${stage}`,
    keys.map((key) => (key === null ? 'no result' : short(key).slice(0, 8))).join(' → '),
  ]);
  const lines = alignRows(said.map((row, at) => [...row, reasons[at]?.join(', ') ?? '']));
  return [
    'stages that differ',
    ...lines.flatMap((line, at) => {
      if (line.length <= width) return [line];
      const below = (reasons[at] ?? []).flatMap((reason) => wrapped(reason, width, '    '));
      return [(said[at] ?? []).join('  '), ...below];
    }),
  ];
}
