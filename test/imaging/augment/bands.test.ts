import { expect, test } from 'vitest';
import { brightnessContrast } from '../../../imaging/augment/brightness-contrast.ts';
import { flipHorizontally, flipVertically } from '../../../imaging/augment/flip.ts';
import { gaussianBlur } from '../../../imaging/augment/gaussian-blur.ts';
import { gridDistortion } from '../../../imaging/augment/grid-distortion.ts';
import { jpegCompression } from '../../../imaging/augment/jpeg-compression.ts';
import { opticalDistortion } from '../../../imaging/augment/optical-distortion.ts';
import { shiftScaleRotate } from '../../../imaging/augment/shift-scale-rotate.ts';
import type { Raster } from '../../../imaging/raster.ts';
import { resizeLinear } from '../../../imaging/resize.ts';
import { sample } from '../golden.ts';

/** Of the golden image's red, green and blue: one band, or all and red once more. */
function bands(...wanted: readonly number[]): Raster {
  const { width, height, pixels } = sample.image;
  const channels = wanted.length;
  const picked = Uint8Array.from(
    { length: width * height * channels },
    (_, at) => pixels[Math.floor(at / channels) * 3 + (wanted[at % channels] ?? 0)] ?? 0,
  );
  return { width, height, channels, pixels: picked };
}

function bandOf({ channels, pixels }: Raster, band: number): Uint8Array {
  return pixels.filter((_, at) => at % channels === band);
}

const { width, height } = sample.image;
const changes: readonly (readonly [string, (image: Raster) => Raster | Promise<Raster>])[] = [
  [
    'shift_scale_rotate',
    shiftScaleRotate(width, height, { angle: 20, scale: 1.1, dx: 0.05, dy: -0.03 }).image,
  ],
  [
    'grid_distortion',
    gridDistortion(width, height, [1.2, 0.9, 1.1, 0.7, 1.3, 1], [1, 1.1, 0.8, 1.2, 0.9, 1]).image,
  ],
  ['optical_distortion', opticalDistortion(width, height, 0.05).image],
  ['gaussian_blur', (image) => gaussianBlur(image, 3)],
  ['horizontal_flip', flipHorizontally],
  ['vertical_flip', flipVertically],
  ['brightness_contrast', (image) => brightnessContrast(image, 1.05, 0.033)],
  ['resize', (image) => resizeLinear(image, 40, 24)],
];

test.each(changes)('%s changes a band alike, whatever lies beside it', async (_, change) => {
  const colours = await change(sample.image);
  const four = await change(bands(0, 1, 2, 0));
  for (const [band, colour] of [0, 1, 2, 0].entries()) {
    expect(bandOf(four, band)).toEqual(bandOf(colours, colour));
  }
  expect((await change(bands(1))).pixels).toEqual(bandOf(colours, 1));
});

test('jpeg_compression codes the bands of what is no RGB each as a grey picture', async () => {
  const four = await jpegCompression(bands(0, 1, 2, 0), 60);
  for (const [band, colour] of [0, 1, 2, 0].entries()) {
    expect(bandOf(four, band)).toEqual((await jpegCompression(bands(colour), 60)).pixels);
  }
  const before = bandOf(sample.image, 1);
  const apart = bandOf(four, 1).map((value, at) => Math.abs(value - (before[at] ?? 0)));
  expect(apart.some((difference) => difference > 0)).toBe(true);
  expect(apart.reduce((total, difference) => total + difference, 0) / apart.length).toBeLessThan(16);
});
