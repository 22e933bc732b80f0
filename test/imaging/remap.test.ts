import { expect, test } from 'vitest';
import { affineMap } from '../../imaging/affine.ts';
import { reflectIndex, remapLinear, remapNearest } from '../../imaging/remap.ts';
import { difference, same, sample } from './golden.ts';

test('reflect repeats the edge and reflect101 does not, however far outside', () => {
  const around = [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6];
  expect(around.map((index) => reflectIndex(index, 3, 'reflect')).join('')).toBe('00122100122100');
  expect(around.map((index) => reflectIndex(index, 3, 'reflect101')).join('')).toBe('12101210121012');
  expect(around.map((index) => reflectIndex(index, 1, 'reflect101'))).toEqual(around.map(() => 0));
});

test('the identity map changes nothing', () => {
  const map = affineMap([1, 0, 0, 0, 1, 0], sample.image.width, sample.image.height);
  expect(difference(remapLinear(sample.image, map, 'reflect'), sample.image)).toEqual(same);
  expect(difference(remapNearest(sample.mask, map, 'reflect101'), sample.mask)).toEqual(same);
});
