import { byCodeUnit } from '../../base/canonical.ts';
import type { OpRun } from './executor-log.ts';

export interface OpRow {
  readonly op: string;
  /** How often a step runs it. */
  readonly times: number;
  /** Mean of the steps. */
  readonly milliseconds: number;
  /** Of the ops' time together. */
  readonly share: number;
}

/** The ops of the last `steps` calls, the costliest first. */
export function rowsOf(runs: readonly OpRun[], steps: number): OpRow[] {
  const calls = [...new Set(runs.map(({ call }) => call))].toSorted((a, b) => a - b).slice(-steps);
  const counted = runs.filter(({ call }) => calls.includes(call));
  const total = counted.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return [...new Set(counted.map(({ op }) => op))]
    .map((op) => {
      const all = counted.filter((run) => run.op === op);
      const spent = all.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
      return {
        op,
        times: all.length / calls.length,
        milliseconds: spent / calls.length,
        share: spent / total,
      };
    })
    .toSorted((a, b) => b.milliseconds - a.milliseconds || byCodeUnit(a.op, b.op));
}

/** Ops below this share of the time are told together. */
const least = 0.002;

/** A table; the last lines are the small ops together, and all. */
export function tableOf(rows: readonly OpRow[]): string[] {
  const shown = rows.filter(({ share }) => share >= least);
  const together = (op: string, some: readonly OpRow[]): OpRow => ({
    op,
    times: some.reduce((sum, { times }) => sum + times, 0),
    milliseconds: some.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    share: some.reduce((sum, { share }) => sum + share, 0),
  });
  const rest = rows.filter(({ share }) => share < least);
  const all = [...shown, together(`${rest.length} other kinds`, rest), together('all', rows)];
  return [
    `${'op'.padEnd(42)}${'times'.padStart(6)}${'ms'.padStart(10)}${'share'.padStart(8)}`,
    ...all.map(
      ({ op, times, milliseconds, share }) =>
        `${op.padEnd(42)}${times.toFixed(0).padStart(6)}${milliseconds.toFixed(1).padStart(10)}${`${(100 * share).toFixed(1)} %`.padStart(8)}`,
    ),
  ];
}
