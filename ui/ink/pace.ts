import { frameTime } from './spinner.ts';

/** Share of a core that drawing may take; what React and the garbage collector do beside it comes on top. */
const budget = 0.006;

/** Draws are never further apart than this, however slow the machine is. Milliseconds. */
const slowest = 1000;

/**
 * How long to wait before the next draw, so that drawing keeps to its budget: a big terminal or a slow machine
 * gets fewer frames. `cost` is the mean time of the last draws; all in milliseconds.
 */
export function pause(cost: number): number {
  return Math.min(slowest, Math.max(frameTime, cost / budget));
}

/** The running mean of what a draw costs: a tenth of the newest, nine tenths of what was known. */
export function meanCost(before: number | undefined, cost: number): number {
  return before === undefined ? cost : 0.9 * before + 0.1 * cost;
}
