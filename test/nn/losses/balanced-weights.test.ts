import { expect, test } from 'vitest';
import { balancedWeights } from '../../../nn/losses/balanced-weights.ts';

test('two of one class and four of the other give 1.5 and 0.75, as scikit-learn’s rule does', () => {
  expect(balancedWeights([2, 4])).toEqual([1.5, 0.75]);
});

test('a class without a pixel gets 0 and does not count as a class', () => {
  expect(balancedWeights([2, 0, 4, 0])).toEqual([1.5, 0, 0.75, 0]);
});

test('over all pixels the weights sum to the number of pixels', () => {
  const pixels = [838_123_456, 7, 35_000, 120];
  const weights = balancedWeights(pixels);
  const sum = pixels.reduce((total, count, at) => total + count * (weights[at] ?? 0), 0);
  const all = pixels.reduce((total, count) => total + count, 0);
  expect(Math.abs(sum / all - 1)).toBeLessThan(1e-12);
});
