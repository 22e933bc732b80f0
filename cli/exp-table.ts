import type { Best } from '../engine/experiments/compare.ts';
import type { Contender } from '../engine/experiments/contenders.ts';
import { isMean, shortColumns, type MetricColumn } from '../engine/experiments/metric-columns.ts';
import { shortKeys } from '../engine/experiments/names.ts';
import type { Paint } from '../ui/roles.ts';
import { sayScore } from '../ui/units.ts';
import { few } from './few.ts';
import { cutApart, wrapped } from './fit.ts';
import { sayPlainly } from './readable.ts';
import { alignRows } from './table.ts';

export interface Table {
  /** Best first. */
  readonly ranked: readonly Contender[];
  /** Keys that differ. */
  readonly params: readonly string[];
  /** The one that ranks first. */
  readonly columns: readonly MetricColumn[];
  readonly metric: MetricColumn | undefined;
  readonly best: Best;
  /** Characters of the terminal. */
  readonly width: number;
  readonly paint: Paint;
}

interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
}

const longestName = 40;
const longestValue = 24;
const barWidth = 8;

/**
 * One line each, with a star at the best and a bar from the worst to the best; then what ranks them, which columns had no
 * room, and what is not shown of whom.
 */
export function tableLines(table: Table): readonly string[] {
  const { ranked, width, paint } = table;
  const columns = columnsOf(table);
  const shown = fitting(columns, width);
  const lines = alignRows(
    [shown.map(({ head }) => head), ...ranked.map((_, row) => shown.map(({ cells }) => cells[row] ?? ''))],
    shown.flatMap(({ align }, at) => (align === 'right' ? [at] : [])),
  );
  const [head = '', ...rows] = lines;
  const left = columns.slice(shown.length).map((column) => column.head);
  return [
    paint('why', head),
    ...rows.map((row) => (row.startsWith('★') ? paint('score', row) : row)),
    ...wrapped(sayRanking(table), width).map((line) => paint('why', line)),
    ...(left.length === 0 ? [] : sayLeftOut(left, width)),
    ...ranked.flatMap((each) => leftOut(each, width)),
  ];
}

/** What must be there first, what may be left out last. */
function columnsOf({ ranked, params, columns, metric }: Table): readonly Column[] {
  const keys = shortKeys(ranked.flatMap((each) => Object.keys(each.params)));
  const heads = shortColumns(columns);
  const top = metric === undefined ? undefined : ranked[0]?.metrics[metric.key];
  const isBest = ({ metrics: own }: Contender): boolean =>
    top !== undefined && metric !== undefined && own[metric.key] === top;
  const number = (column: MetricColumn): Column => ({
    head: heads.get(column.key) ?? column.key,
    cells: ranked.map((each) => sayMetric(each, column)),
    align: 'right',
  });
  // What artifacts/ shows is no run: the last one may have failed and left it as it was.
  const states = ranked.map(({ status, experiment }) => (experiment === undefined ? '–' : status));
  const names = cutApart(
    ranked.map(({ name }) => name),
    longestName,
  );
  return [
    {
      head: '  experiment',
      cells: ranked.map((each, at) => `${isBest(each) ? '★' : ' '} ${names[at] ?? ''}`),
      align: 'left',
    },
    ...(ranked.every(({ status }) => status === 'done')
      ? []
      : [{ head: 'state', cells: states, align: 'left' } as const]),
    ...(metric === undefined ? [] : [number(metric), barOf(ranked, metric.key)]),
    ...params.map((key): Column => ({
      head: keys.get(key) ?? key,
      cells: cutApart(
        ranked.map(({ params: own }) => (own[key] === undefined ? '–' : sayPlainly(own[key]))),
        longestValue,
      ),
      align: 'right',
    })),
    ...columns.filter((column) => column !== metric).map(number),
  ];
}

/** A number, or why there is none. */
export function sayMetric({ metrics, outdated }: Contender, { key, stages }: MetricColumn): string {
  const value = metrics[key];
  if (value !== undefined) return sayScore(value);
  return stages.some((stage) => outdated.includes(stage)) ? 'outdated' : '–';
}

/** As many of the first columns as the width holds, at least the first. */
function fitting(columns: readonly Column[], width: number): readonly Column[] {
  let used = -2;
  const end = columns.findIndex(({ head, cells }) => {
    used += 2 + Math.max(head.length, ...cells.map((cell) => cell.length));
    return used > width;
  });
  return end === -1 ? columns : columns.slice(0, Math.max(1, end));
}

/** Full at the best, one block at the worst. */
function barOf(ranked: readonly Contender[], metric: string): Column {
  const values = ranked.flatMap(({ metrics }) => metrics[metric] ?? []);
  const [best = 0, worst = 0] = [values[0], values.at(-1)];
  const cells = ranked.map(({ metrics }) => {
    const value = metrics[metric];
    if (value === undefined) return '';
    const share = best === worst ? 1 : (value - worst) / (best - worst);
    const blocks = 1 + Math.round(share * (barWidth - 1));
    return '█'.repeat(blocks).padEnd(barWidth, '░');
  });
  return { head: '', cells, align: 'left' };
}

function sayRanking({ metric, best, ranked }: Table): string {
  if (metric === undefined) {
    const isOutdated = ranked.some(({ outdated }) => outdated.length > 0);
    return isOutdated
      ? 'Nothing to rank by: no metric that is not outdated.'
      : 'No experiment has a metric yet.';
  }
  const what = isMean(metric)
    ? `the mean of ${metric.metric} over the ${metric.stages.length} members of ${metric.of ?? ''}`
    : metric.key;
  return `Best first by ${what} (the ${best} is the best; --sort and --best say otherwise).`;
}

function sayLeftOut(names: readonly string[], width: number): readonly string[] {
  const text = `No room for ${names.join(', ')}: see --json or --csv.`;
  return [text.length <= width ? text : `No room for ${names.length} columns: see --json or --csv.`];
}

/** What a row does not show, and why. */
export function leftOut({ name, outdated, unread, mixed }: Contender, width: number): readonly string[] {
  const said = [
    ...(outdated.length === 0
      ? []
      : [`${name} without ${few(outdated)}: made from other results than those shown.`]),
    ...(unread.length === 0
      ? []
      : [`${name} without the metrics of ${few(unread)}: their bytes are not in the store any more.`]),
    ...(mixed.length === 0
      ? []
      : [`${name} without means: the members of ${few(mixed)} were made with different params.`]),
  ];
  return said.flatMap((text) => wrapped(text, width));
}
