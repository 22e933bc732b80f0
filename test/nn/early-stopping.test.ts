import { expect, test } from 'vitest';
import { notStopped, observe } from '../../nn/early-stopping.ts';

function after(values: readonly number[], patience: number) {
  return values.reduce((state, value) => observe(state, value, patience), notStopped);
}

test('it stops when `patience` values in a row were not lower than the best', () => {
  expect(after([1, 0.5, 0.6, 0.7], 3)).toEqual({ best: 0.5, waited: 2, stop: false });
  expect(after([1, 0.5, 0.6, 0.7, 0.8], 3)).toEqual({ best: 0.5, waited: 3, stop: true });
});

test('an equal value is no improvement, a lower one starts the count anew', () => {
  expect(after([0.5, 0.5], 10).waited).toBe(1);
  expect(after([0.5, 0.6, 0.4], 10)).toEqual({ best: 0.4, waited: 0, stop: false });
});

test('it stops at once on a value that is not finite', () => {
  expect(after([0.5, NaN], 10).stop).toBe(true);
  expect(after([Infinity], 10).stop).toBe(true);
});
