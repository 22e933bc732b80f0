import { expect, test } from 'vitest';
import { sayUnfilled } from '../../../stages/train/unfilled.ts';

test('a batch that the train set cannot fill is told, and one that it just fills is not', () => {
  expect(sayUnfilled({ batch_size: 8, accumulate: 1 }, 8)).toEqual([]);
  expect(sayUnfilled({ batch_size: 9, accumulate: 1 }, 8)).toEqual([
    'train.batch_size is 9, and the train set has 8 samples: each step takes all of them.',
  ]);
});

test('more batches to accumulate than an epoch has are told', () => {
  expect(sayUnfilled({ batch_size: 4, accumulate: 3 }, 9)).toEqual([]);
  expect(sayUnfilled({ batch_size: 4, accumulate: 4 }, 9)).toEqual([
    'train.accumulate is 4, and an epoch has 3 batches: the optimizer steps once an epoch.',
  ]);
});
