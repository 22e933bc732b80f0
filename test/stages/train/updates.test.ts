import { expect, test } from 'vitest';
import { updateOf, updatesOf } from '../../../stages/train/updates.ts';

const all = (epoch: number, batches: number, accumulate: number) =>
  Array.from({ length: batches }, (_, batch) => updateOf({ epoch, batch }, batches, accumulate));

test('without accumulation each batch is a step of the optimizer', () => {
  expect(all(0, 2, 1)).toEqual([
    { step: 0, number: 1, closes: true },
    { step: 1, number: 2, closes: true },
  ]);
});

test('several batches make a step, the last of an epoch as many as are there; steps count on over epochs', () => {
  expect(updatesOf(5, 2)).toBe(3);
  expect(all(1, 5, 2)).toEqual([
    { step: 0, number: 4, closes: false },
    { step: 0, number: 4, closes: true },
    { step: 1, number: 5, closes: false },
    { step: 1, number: 5, closes: true },
    { step: 2, number: 6, closes: true },
  ]);
});

test('more batches than an epoch has make one step', () => {
  expect(all(2, 2, 10)).toEqual([
    { step: 0, number: 3, closes: false },
    { step: 0, number: 3, closes: true },
  ]);
});
