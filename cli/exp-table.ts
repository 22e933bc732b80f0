import type { Best, Contender } from '../engine/experiments/compare.ts';
import { shortKeys } from '../engine/experiments/names.ts';
import type { Paint } from '../ui/roles.ts';
import { sayScore } from '../ui/units.ts';
import { few } from './few.ts';
import { sayPlainly } from './readable.ts';
import { alignRows } from './table.ts';

export interface Table {
  /** Best first. */
  readonly ranked: readonly Contender[];
  /** Keys that differ. */
  readonly params: readonly string[];
  /** The one that ranks first. */
  readonly metrics: readonly string[];
  readonly metric: string | undefined;
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
 * One line each, with a star at the best and a bar from the worst to the best; then what ranks them, and which columns had
 * no room.
 */
export function tableLines(table: Table): readonly string[] {
  const columns = columnsOf(table);
  const shown = fitting(columns, table.width);
  const lines = alignRows(
    [
      shown.map(({ head }) => head),
      ...table.ranked.map((_, row) => shown.map(({ cells }) => cells[row] ?? '')),
    ],
    shown.flatMap(({ align }, at) => (align === 'right' ? [at] : [])),
  );
  const [head = '', ...rows] = lines;
  const left = columns.slice(shown.length).map((column) => column.head);
  return [
    table.paint('why', head),
    ...rows.map((row) => (row.startsWith('★') ? table.paint('score', row) : row)),
    table.paint('why', sayRanking(table)),
    ...(left.length === 0 ? [] : sayLeftOut(left, table.width)),
    ...table.ranked.flatMap(sayOutdated),
  ];
}

/** What must be there first, what may be left out last. */
function columnsOf({ ranked, params, metrics, metric }: Table): readonly Column[] {
  const keys = shortKeys(ranked.flatMap((each) => Object.keys(each.params)));
  const top = metric === undefined ? undefined : ranked[0]?.metrics[metric];
  const isBest = ({ metrics: own }: Contender): boolean => top !== undefined && own[metric ?? ''] === top;
  const number = (name: string): Column => ({
    head: name,
    cells: ranked.map(({ metrics: own }) => (own[name] === undefined ? '–' : sayScore(own[name]))),
    align: 'right',
  });
  const states = ranked.map(({ status }) => status);
  return [
    {
      head: '  experiment',
      cells: ranked.map((each) => `${isBest(each) ? '★' : ' '} ${cut(each.name, longestName)}`),
      align: 'left',
    },
    ...(states.every((state) => state === 'done')
      ? []
      : [{ head: 'state', cells: states, align: 'left' } as const]),
    ...(metric === undefined ? [] : [number(metric), barOf(ranked, metric)]),
    ...params.map((key): Column => ({
      head: keys.get(key) ?? key,
      cells: ranked.map(({ params: own }) =>
        own[key] === undefined ? '–' : cut(sayPlainly(own[key]), longestValue),
      ),
      align: 'right',
    })),
    ...metrics.filter((name) => name !== metric).map(number),
  ];
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

function sayRanking({ metric, best }: Table): string {
  if (metric === undefined) return 'No experiment has a metric yet.';
  return `Best first by ${metric} (the ${best} is the best; --sort and --best say otherwise).`;
}

function sayLeftOut(names: readonly string[], width: number): readonly string[] {
  const text = `No room for ${names.join(', ')}: see --json or --csv.`;
  return [text.length <= width ? text : `No room for ${names.length} columns: see --json or --csv.`];
}

/** What a row does not show, and why. */
function sayOutdated({ name, outdated }: Contender): readonly string[] {
  if (outdated.length === 0) return [];
  return [`${name} without ${few(outdated)}: made from other results than those shown.`];
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
