import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largestRemainder, quotas, type Quota } from '../../../stages/split/quotas.ts';

const asked: Quota = [0.7, 0.15, 0.15];
const fractions = fc
  .tuple(fc.integer({ min: 10, max: 60 }), fc.integer({ min: 10, max: 60 }), fc.integer({ min: 10, max: 60 }))
  .map(([a, b, c]): Quota => [a / (a + b + c), b / (a + b + c), c / (a + b + c)]);

test('24 masks are divided 16/4/4 when each group keeps a validation and a test mask', () => {
  expect(quotas([7, 6, 6, 5], asked)).toEqual([
    [5, 1, 1],
    [4, 1, 1],
    [4, 1, 1],
    [3, 1, 1],
  ]);
});

test('a product that misses a whole number by a rounding error leaves no remainder', () => {
  expect(largestRemainder(20, asked)).toEqual([14, 3, 3]);
  expect(largestRemainder(100, [0.57, 0.29, 0.14])).toEqual([57, 29, 14]);
});

test('ties go to training, then validation, then test', () => {
  expect(largestRemainder(10, asked)).toEqual([7, 2, 1]);
});

test('roundings that add up over many strata are moved back until no total is a mask off', () => {
  const rows = quotas(Array<number>(8).fill(10), asked);
  const total = [0, 1, 2].map((set) => rows.reduce((sum, row) => sum + (row[set] ?? 0), 0));
  expect(total[0]).toBe(56);
  expect(Math.abs((total[1] ?? 0) - 12)).toBeLessThan(1);
  expect(Math.abs((total[2] ?? 0) - 12)).toBeLessThan(1);
});

test('every stratum is a partition within 1 of its exact shares', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 12 }), fractions, (sizes, shares) => {
      const rows = quotas(sizes, shares);
      expect(rows).toHaveLength(sizes.length);
      for (const [stratum, row] of rows.entries()) {
        const size = sizes[stratum] ?? 0;
        expect(row[0] + row[1] + row[2]).toBe(size);
        for (const [set, count] of row.entries()) {
          expect(count).toBeGreaterThanOrEqual(0);
          expect(Math.abs(count - size * (shares[set] ?? 0))).toBeLessThan(1);
        }
      }
    }),
    { seed: 1 },
  );
});

test('totals are within 1 of exact when every stratum is large', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 40, max: 60 }), { minLength: 1, maxLength: 12 }),
      fractions,
      (sizes, shares) => {
        const rows = quotas(sizes, shares);
        const all = sizes.reduce((sum, size) => sum + size, 0);
        for (const set of [0, 1, 2] as const) {
          const total = rows.reduce((sum, row) => sum + row[set], 0);
          expect(Math.abs(total - all * shares[set])).toBeLessThanOrEqual(1 + 1e-9);
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
