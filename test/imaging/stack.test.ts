import { expect, test } from 'vitest';
import type { Raster } from '../../imaging/raster.ts';
import { stackBands, unstackBands } from '../../imaging/stack.ts';

/** 2×1 pixels of so many bands; sample c of pixel p is first + 10·p + c. */
function raster(channels: number, first: number): Raster {
  const pixels = Uint8Array.from(
    { length: 2 * channels },
    (_, at) => first + 10 * Math.floor(at / channels) + (at % channels),
  );
  return { width: 2, height: 1, channels, pixels };
}

test('of each pixel the bands of the first date come first, then those of the second', () => {
  const stack = stackBands([raster(3, 0), raster(3, 100)]);
  expect([stack.width, stack.height, stack.channels]).toEqual([2, 1, 6]);
  expect([...stack.pixels]).toEqual([0, 1, 2, 100, 101, 102, 10, 11, 12, 110, 111, 112]);
});

test.each([1, 2, 3, 4])('dates of %i bands come out of a stack as they went in', (bands) => {
  const dates = [raster(bands, 0), raster(bands, 50), raster(bands, 100)];
  expect(unstackBands(stackBands(dates), 3)).toEqual(dates);
});

test('one date alone is its own stack', () => {
  const one = raster(3, 7);
  expect(stackBands([one])).toBe(one);
  expect(unstackBands(one, 1)).toEqual([one]);
});
