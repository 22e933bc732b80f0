import { expect, test } from 'vitest';
import { classWeightsOf, sayClassWeights } from '../../../stages/train/class-weights.ts';
import type { DatasetJson } from '../../../stages/shards/reader/dataset-json.ts';

/** Class value 9 is ignored; 40, 200 and 201 are trained as 0, 1 and 2. */
const others: DatasetJson = {
  version: 1,
  set: 'train',
  samples: 3,
  height: 32,
  width: 32,
  channels: 3,
  classes: [
    { value: 9, train: null },
    { value: 200, train: 1 },
    { value: 40, train: 0 },
    { value: 201, train: 2 },
  ],
  ignore: 255,
  shards: [],
};
const train: DatasetJson = { ...others, histogram: [300, 0, 100] };

test('auto balances the classes by the pixels of the train shards', () => {
  expect(classWeightsOf('auto', train)).toEqual([400 / 600, 0, 2]);
});

test('what auto became is said by class value, and of a class that is not there why it has 0', () => {
  expect(sayClassWeights([400 / 600, 0, 2], train)).toBe(
    'loss.class_weights: auto gives 0.6667 for class value 40; 0 for 200, which the train set does not hold; 2 for 201.',
  );
});

test('a list is taken as it is, and null stays null', () => {
  expect(classWeightsOf([3, 1, 0], train)).toEqual([3, 1, 0]);
  expect(classWeightsOf(null, train)).toBe(null);
});

test.each([
  [undefined, 'no `histogram`'],
  [[1, 2], 'a `histogram` of 2 numbers'],
])('auto with the histogram %j is refused', (histogram, has) => {
  expect(() =>
    classWeightsOf('auto', { ...others, ...(histogram === undefined ? {} : { histogram }) }),
  ).toThrow(
    expect.objectContaining({
      faults: [
        expect.objectContaining({
          code: 'ERS_SHARD',
          message: `\`loss.class_weights: auto\` needs the pixels of each of the 3 classes; the train shards have ${has}.`,
          place: { file: 'train/dataset.json' },
        }),
      ],
    }),
  );
});

test('auto has nothing to count where every pixel is ignored', () => {
  expect(() => classWeightsOf('auto', { ...train, histogram: [0, 0, 0] })).toThrow(
    expect.objectContaining({ faults: [expect.objectContaining({ code: 'ERS_DATASET_EMPTY' })] }),
  );
});
