import { expect, test } from 'vitest';
import { sourcesOf, stackedPeriods } from '../../../stages/shards/sources.ts';
import type { SplitManifest } from '../../../stages/split/manifest.ts';

/** Places a, b and c in the three sets, each with images of these periods. */
function splitOf(...periods: readonly (readonly string[])[]): SplitManifest {
  const sets = ['train', 'val', 'test'] as const;
  return {
    version: 1,
    classes: [{ value: 1, train: 0 }],
    ignore: 255,
    periods: ['6', '7', '10'],
    seed: 1,
    samples: sets.map((set, index) => {
      const name = 'abc'.charAt(index);
      const images = (periods[index] ?? []).map((period) => ({ period, path: `${name}_${period}.png` }));
      return { name, mask: `${name}_mask.png`, images, group: '1', stratum: '1', set };
    }),
    decisions: [],
  };
}

const all = ['6', '7', '10'];

test('separate makes a source of each image, in the split’s order', () => {
  const sources = sourcesOf(splitOf(['7', '6'], all, all), null);
  if (!sources.ok) throw new Error('expected sources');
  expect(sources.value.train).toEqual([
    { name: 'a', mask: 'a_mask.png', images: [{ period: '7', path: 'a_7.png' }] },
    { name: 'a', mask: 'a_mask.png', images: [{ period: '6', path: 'a_6.png' }] },
  ]);
  expect(sources.value.val).toHaveLength(3);
});

test('stacked, a mask is one source with its dates in the order of the periods, however they are listed', () => {
  const sources = sourcesOf(splitOf(['10', '6', '7'], all, all), all);
  if (!sources.ok) throw new Error('expected sources');
  expect(sources.value.train).toEqual([
    {
      name: 'a',
      mask: 'a_mask.png',
      images: [
        { period: '6', path: 'a_6.png' },
        { period: '7', path: 'a_7.png' },
        { period: '10', path: 'a_10.png' },
      ],
    },
  ]);
  expect([sources.value.val.length, sources.value.test.length]).toEqual([1, 1]);
});

test('stacked, every mask that lacks a date or has one twice is named with it', () => {
  const sources = sourcesOf(splitOf(['6', '10'], all, ['6', '6', '7']), all);
  const needs = 'to be stacked it needs one of each of 6, 7, 10.';
  expect(sources).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: `The mask has not exactly one image of period 7; ${needs}`,
        place: { file: 'a_mask.png' },
      },
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: `The mask has not exactly one image of period 6 and period 10; ${needs}`,
        place: { file: 'c_mask.png' },
      },
    ],
  });
});

test('dates are stacked only where it is asked for and there are several', () => {
  const split = splitOf(all, all, all);
  expect(stackedPeriods(split, 'stack')).toEqual(all);
  expect(stackedPeriods(split, 'separate')).toBe(null);
  expect(stackedPeriods({ ...split, periods: [''] }, 'stack')).toBe(null);
});
