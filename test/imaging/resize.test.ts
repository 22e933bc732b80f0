import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resizeLinear, resizeNearest } from '../../imaging/resize.ts';
import { decoded, difference, golden, same, sample } from './golden.ts';

describe.each(golden.resize)('to $linear.width×$linear.height', ({ linear, nearest }) => {
  test('bilinear makes the pixels of cv2.INTER_LINEAR', () => {
    expect(difference(resizeLinear(sample.image, linear.width, linear.height), decoded(linear))).toEqual(
      same,
    );
  });
  test('nearest makes the pixels of cv2.INTER_NEAREST_EXACT', () => {
    expect(difference(resizeNearest(sample.mask, nearest.width, nearest.height), decoded(nearest))).toEqual(
      same,
    );
  });
});

const side = fc.integer({ min: 1, max: 40 });

test('nearest never makes a value that was not there', () => {
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      fc.uint8Array({ minLength: 1600, maxLength: 1600 }),
      (width, height, toWidth, toHeight, values) => {
        const pixels = values.subarray(0, width * height);
        const before = new Set(pixels);
        const { pixels: after } = resizeNearest({ width, height, channels: 1, pixels }, toWidth, toHeight);
        expect(after.length).toBe(toWidth * toHeight);
        for (const value of after) expect(before.has(value)).toBe(true);
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

test('bilinear stays between the least and the greatest sample', () => {
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      fc.nat(255),
      fc.nat(255),
      (width, height, toWidth, toHeight, a, b) => {
        const pixels = Uint8Array.from({ length: width * height }, (_, at) => (at % 3 === 0 ? a : b));
        const { pixels: after } = resizeLinear({ width, height, channels: 1, pixels }, toWidth, toHeight);
        // OpenCV's fixed point may lose one level, also on flat pictures.
        for (const value of after) {
          expect(value).toBeGreaterThanOrEqual(Math.min(a, b) - 1);
          expect(value).toBeLessThanOrEqual(Math.max(a, b));
        }
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

test('the same size gives the same picture', () => {
  expect(resizeLinear(sample.image, 40, 32)).toBe(sample.image);
  expect(resizeNearest(sample.mask, 40, 32)).toBe(sample.mask);
});
