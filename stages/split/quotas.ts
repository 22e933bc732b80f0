/** How many masks go to training, validation and test. */
export type Quota = readonly [train: number, val: number, test: number];

const SETS = [0, 1, 2] as const;
type SetIndex = (typeof SETS)[number];

/**
 * Divides each stratum by largest remainder (ties in the order train, val, test), so that each count is within 1 of
 * `size × fraction`. Roundings of many strata can add up; then the total of a set is a mask or more off its exact share,
 * and single masks are moved between two sets of a stratum, the cheapest first, as long as each count stays within 1 of
 * exact. A stratum that reaches all three sets goes on reaching them.
 *
 * @param sizes masks a stratum
 * @param fractions of train, val and test; positive, sum 1
 */
export function quotas(sizes: readonly number[], fractions: Quota): readonly Quota[] {
  const rows = sizes.map((size) => largestRemainder(size, fractions));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const exact = fractions.map((fraction) => all * fraction);
  for (;;) {
    const off = SETS.map((set) => rows.reduce((sum, row) => sum + row[set], 0) - (exact[set] ?? 0));
    const from = extreme(off, (a, b) => a > b);
    const to = extreme(off, (a, b) => a < b);
    if ((off[from] ?? 0) < 1 - EPSILON && (off[to] ?? 0) > -1 + EPSILON) return rows;
    const move = cheapestMove(rows, sizes, fractions, from, to);
    if (move === undefined) return rows;
    rows[move.stratum] = move.row;
  }
}

/** Products such as 0.15 × 20 miss the whole number by a rounding error, which must not count as a remainder. */
const EPSILON = 1e-9;

/** Whole numbers that sum to `size`, each within 1 of its exact share (Hamilton's method). */
export function largestRemainder(size: number, fractions: Quota): Quota {
  const exact = fractions.map((fraction) => size * fraction);
  const row = exact.map((share) => Math.floor(share + EPSILON));
  const left = size - row.reduce((sum, count) => sum + count, 0);
  const byRemainder = [...SETS].sort((a, b) => {
    const difference = remainder(exact, row, b) - remainder(exact, row, a);
    return Math.abs(difference) < EPSILON ? a - b : difference;
  });
  for (const set of byRemainder.slice(0, left)) row[set] = (row[set] ?? 0) + 1;
  return [row[0] ?? 0, row[1] ?? 0, row[2] ?? 0];
}

function remainder(exact: readonly number[], row: readonly number[], set: SetIndex): number {
  return (exact[set] ?? 0) - (row[set] ?? 0);
}

function extreme(values: readonly number[], beats: (a: number, b: number) => boolean): SetIndex {
  return SETS.reduce<SetIndex>((best, set) => (beats(values[set] ?? 0, values[best] ?? 0) ? set : best), 0);
}

/** The move of one mask that makes the counts of its stratum differ least from exact; the first stratum at a tie. */
function cheapestMove(
  rows: readonly Quota[],
  sizes: readonly number[],
  fractions: Quota,
  from: SetIndex,
  to: SetIndex,
): { stratum: number; row: Quota } | undefined {
  let best: { stratum: number; row: Quota; cost: number } | undefined;
  for (const [stratum, row] of rows.entries()) {
    const size = sizes[stratum] ?? 0;
    const after: Quota = [moved(row, 0, from, to), moved(row, 1, from, to), moved(row, 2, from, to)];
    const misses = after.map((count, set) => Math.abs(count - size * (fractions[set] ?? 0)));
    if (misses.some((miss) => miss >= 1 - EPSILON)) continue;
    if (!row.includes(0) && after.includes(0)) continue;
    const cost = misses.reduce((sum, miss) => sum + miss * miss, 0);
    if (best === undefined || cost < best.cost - EPSILON) best = { stratum, row: after, cost };
  }
  return best;
}

function moved(row: Quota, set: SetIndex, from: SetIndex, to: SetIndex): number {
  return row[set] + (set === to ? 1 : 0) - (set === from ? 1 : 0);
}
