import { expect, test } from 'vitest';
import type { Sample } from '../../imaging/augment/transform.ts';
import { mosaic } from '../../imaging/mosaic.ts';

/** Pixel (x, y) of place n is 50·n + 10·y + x, and one more in green at the first date, two more at the second. */
function numbered(picture: number): Sample {
  const at = (index: number): number => 50 * picture + 10 * Math.floor(index / 5) + (index % 5);
  return {
    images: [1, 2].map((more) => ({
      width: 5,
      height: 4,
      channels: 3,
      pixels: Uint8Array.from(
        { length: 60 },
        (_, index) => at(Math.floor(index / 3)) + (index % 3 === 1 ? more : 0),
      ),
    })),
    mask: {
      width: 5,
      height: 4,
      channels: 1,
      pixels: Uint8Array.from({ length: 20 }, (_, index) => at(index)),
    },
  };
}

test('quadrant i is the same quadrant of place i, in the mask and in each date', () => {
  const { images, mask } = mosaic([numbered(0), numbered(1), numbered(2), numbered(3)]);
  const rows = [0, 1, 2, 3].map((y) => [...mask.pixels.subarray(5 * y, 5 * y + 5)]);
  expect(rows).toEqual([
    [0, 1, 52, 53, 54],
    [10, 11, 62, 63, 64],
    [120, 121, 172, 173, 174],
    [130, 131, 182, 183, 184],
  ]);
  expect(images).toHaveLength(2);
  for (const [date, image] of images.entries()) {
    mask.pixels.forEach((value, index) => {
      expect([...image.pixels.subarray(3 * index, 3 * index + 3)]).toEqual([value, value + 1 + date, value]);
    });
  }
});
