import { expect, test } from 'vitest';
import { check } from '../../../stages/split/check.ts';

test.each([
  [0.7, 0.15, 0.15],
  [0.1, 0.2, 0.7],
  [0.5, 0.25, 0.25 + 9e-10],
])('%f, %f and %f sum to 1', (train, val, test) => {
  expect(check({ split: { train, val, test } })).toEqual([]);
});

test('shares that miss 1 by more than a rounding error are a fault of the group', () => {
  expect(check({ split: { train: 0.7, val: 0.2, test: 0.15 } })).toMatchObject([
    {
      path: ['split'],
      code: 'ERS_SCHEMA',
      message: 'split.train, split.val and split.test are 0.7, 0.2, 0.15 and sum to 1.05; expected 1.',
    },
  ]);
  expect(check({ split: { train: 0.5, val: 0.25, test: 0.25 + 2e-9 } })).toHaveLength(1);
});
