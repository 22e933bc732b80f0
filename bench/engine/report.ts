import { median } from '../../base/median.ts';
import type { Timings } from './compare.ts';
import type { Finding, Probe } from './probes.ts';
import type { Ran } from './shell.ts';

/** A table of one question, a row a tool. The ratio is the tool's median over that of the first row, ers. */
export function timesTable(
  question: 'first' | 'noop' | 'changed',
  all: readonly Timings[],
): readonly string[] {
  const own = all[0]?.[question] ?? [];
  const rows = all.map((timings) => {
    const list = timings[question];
    if (list.length === 0)
      return [timings.tool, timings.failure ?? 'not asked: its first run took over a minute', '', '', '', ''];
    return [
      timings.tool,
      `${seconds(wall(list))}${spread(list)}`,
      ratio(wall(list), wall(own)),
      seconds(cpu(list)),
      ratio(cpu(list), cpu(own)),
      peak(list),
    ];
  });
  return table(['', 'wall time (range), s', '× ers', 'processor time, s', '× ers', 'peak memory, MB'], rows);
}

export function pairTable(
  all: readonly { readonly tool: string; readonly seconds: number | undefined }[],
): readonly string[] {
  const rows = all.map(({ tool, seconds: took }) => [tool, took === undefined ? 'failed' : seconds(took)]);
  return table(['', 'wall time, s'], rows);
}

export function probesTable(
  names: readonly string[],
  probes: readonly Probe[],
  found: ReadonlyMap<string, readonly Finding[]>,
): readonly string[] {
  const say = ({ good, note }: Finding): string => {
    const answer = good === null ? '–' : good ? 'yes' : '**no**';
    return note === undefined || good === true ? answer : `${answer} (${note})`;
  };
  const rows = probes.map(({ id, question }) => [`${id}: ${question}`, ...(found.get(id) ?? []).map(say)]);
  return table(['', ...names], rows);
}

/** A Markdown table as Prettier would lay it out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}

function wall(list: readonly Ran[]): number {
  return median(list.map((ran) => ran.seconds));
}

function cpu(list: readonly Ran[]): number {
  return median(list.flatMap((ran) => ran.cpu ?? []));
}

function peak(list: readonly Ran[]): string {
  const peaks = list.flatMap((ran) => ran.peak ?? []);
  return peaks.length === 0 ? '' : (Math.max(...peaks) / 1e6).toFixed(0);
}

function spread(list: readonly Ran[]): string {
  const all = list.map((ran) => ran.seconds);
  return all.length === 1 ? '' : ` (${seconds(Math.min(...all))}–${seconds(Math.max(...all))})`;
}

function seconds(value: number): string {
  if (Number.isNaN(value)) return '';
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function ratio(value: number, own: number): string {
  const times = value / own;
  return Number.isNaN(times) ? '' : times >= 10 ? times.toFixed(0) : times.toFixed(1);
}
