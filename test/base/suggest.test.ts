import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest, didYouMean, editDistance, lacking } from '../../base/suggest.ts';

test.each([
  ['kitten', 'sitting', 3],
  ['ca', 'abc', 3],
  ['trian', 'train', 1],
  ['', 'abc', 3],
  ['same', 'same', 0],
])('the distance of %s and %s is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('the distance is symmetric and at most the longer length', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
    { seed: 3 },
  );
});

test('the nearest word is suggested, the first one of equals, none if all are far', () => {
  expect(closest('trian', ['scan', 'train', 'trial'])).toBe('train');
  expect(closest('bat', ['cat', 'bar'])).toBe('bar');
  expect(closest('augment', ['mosaic', 'shards'])).toBeUndefined();
  expect(closest('Train', ['train'])).toBe('train');
});

test('few candidates are listed where none is near', () => {
  expect(didYouMean('xyzzy', ['scan', 'split'])).toEqual({ hint: 'There is: scan, split.' });
  expect(didYouMean('xyzzy', [])).toEqual({});
});

test('a name that a wrong one stands for is not called missing', () => {
  expect(lacking(['model', 'history'], ['modle'])).toEqual(['history']);
});
