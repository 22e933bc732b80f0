import { expect, test } from 'vitest';
import { checkFits } from '../../../stages/evaluate/check-fits.ts';
import type { DatasetJson } from '../../../stages/shards/reader/dataset-json.ts';

const classes = [
  { value: 0, train: null },
  { value: 1, train: 0 },
  { value: 2, train: 1 },
];
const test9: DatasetJson = {
  version: 1,
  set: 'test',
  samples: 1,
  height: 64,
  width: 64,
  channels: 9,
  stacked_periods: ['6', '7', '8'],
  classes,
  ignore: 255,
  shards: [],
};

test('a model of the same shape fits', () => {
  expect(() => checkFits({ height: 64, width: 64, channels: 9, classes }, test9)).not.toThrow();
});

test('a model of single dates does not fit stacked ones', () => {
  expect(() => checkFits({ height: 64, width: 64, channels: 3, classes }, test9)).toThrow(
    expect.objectContaining({
      faults: [
        expect.objectContaining({
          code: 'ERS_SIZE_MISMATCH',
          message:
            'The model was trained on samples of 64×64 pixels, 3 bands and 2 classes; the test samples have 64×64 pixels, 9 bands and 2 classes.',
          place: { file: 'test/dataset.json' },
        }),
      ],
    }),
  );
});

test('as many classes that were numbered otherwise are refused, not scored as if they were the same', () => {
  const other = [
    { value: 0, train: 0 },
    { value: 1, train: 1 },
    { value: 2, train: null },
  ];
  const fault: unknown = expect.objectContaining({ code: 'ERS_CLASS_TABLE' });
  expect(() => checkFits({ height: 64, width: 64, channels: 9, classes: other }, test9)).toThrow(
    expect.objectContaining({ faults: [fault] }),
  );
});
