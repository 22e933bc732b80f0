import { expect, test } from 'vitest';
import { normalisation } from '../../nn/normalisation.ts';

test('ImageNet’s means repeat in turn, as the filters of a first convolution do', () => {
  expect(normalisation('imagenet', 4)).toEqual({
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406, 0.485],
    std: [0.229, 0.224, 0.225, 0.229],
  });
});

test('one grey channel has the mean of the three means', () => {
  const { mean, std } = normalisation('imagenet', 1);
  expect(mean[0]).toBeCloseTo(0.449, 12);
  expect(std[0]).toBeCloseTo(0.226, 12);
  expect([mean.length, std.length]).toEqual([1, 1]);
});

test('unit is x/255 for any number of channels', () => {
  expect(normalisation('unit', 2)).toEqual({ scale: 1 / 255, mean: [0, 0], std: [1, 1] });
});
