import { describe, expect, test } from 'vitest';
import { brightnessContrast } from '../../../imaging/augment/brightness-contrast.ts';
import { flipHorizontally, flipVertically } from '../../../imaging/augment/flip.ts';
import { gaussianBlur } from '../../../imaging/augment/gaussian-blur.ts';
import { gridCoordinates, gridDistortion } from '../../../imaging/augment/grid-distortion.ts';
import { jpegCompression } from '../../../imaging/augment/jpeg-compression.ts';
import { opticalCoordinate, opticalDistortion } from '../../../imaging/augment/optical-distortion.ts';
import { shiftScaleRotate, shiftScaleRotateMatrix } from '../../../imaging/augment/shift-scale-rotate.ts';
import { decoded, difference, golden, same, sample } from '../golden.ts';

const { width, height } = sample.image;

describe('shift_scale_rotate', () => {
  test.each(golden.matrices)('has the matrix of cv2 for $parameters at $width×$height', (expected) => {
    const made = shiftScaleRotateMatrix(expected.width, expected.height, expected.parameters);
    made.forEach((value, at) => expect(value).toBeCloseTo(expected.matrix[at] ?? Number.NaN, 10));
  });

  test.each(golden.shift_scale_rotate)(
    'makes the pixels of Albumentations for $parameters',
    async (expected) => {
      const made = shiftScaleRotate(width, height, expected.parameters);
      expect(difference(await made.image(sample.image), decoded(expected.image))).toEqual(same);
      expect(difference(made.mask(sample.mask), decoded(expected.mask))).toEqual(same);
    },
  );
});

describe('optical_distortion', () => {
  test.each(golden.optical_maps)(
    'has the map of cv2 for k = $k at $width×$height',
    ({ width, height, k, points }) => {
      for (const { u, v, x, y } of points) {
        const X = (u - (width - 1) / 2) / width;
        const Y = (v - (height - 1) / 2) / height;
        expect(opticalCoordinate(X, Y, width, Math.fround(k))).toBeCloseTo(x, 3);
        expect(opticalCoordinate(Y, X, height, Math.fround(k))).toBeCloseTo(y, 3);
      }
    },
  );

  test.each(golden.optical_distortion)('makes the pixels of Albumentations for k = $k', async (expected) => {
    const made = opticalDistortion(width, height, expected.k);
    expect(difference(await made.image(sample.image), decoded(expected.image))).toEqual(same);
    expect(difference(made.mask(sample.mask), decoded(expected.mask))).toEqual(same);
  });
});

describe('grid_distortion', () => {
  test.each(golden.grid_coordinates)(
    'has the coordinates of Albumentations at length $length',
    (expected) => {
      expect([...gridCoordinates(expected.length, expected.steps)]).toEqual(expected.coordinates);
    },
  );

  test.each(golden.grid_distortion)(
    'makes the pixels of Albumentations for steps $x_steps, $y_steps',
    async (expected) => {
      const made = gridDistortion(width, height, expected.x_steps, expected.y_steps);
      expect(difference(await made.image(sample.image), decoded(expected.image))).toEqual(same);
      expect(difference(made.mask(sample.mask), decoded(expected.mask))).toEqual(same);
    },
  );
});

describe('pixels', () => {
  test.each(golden.gaussian_blur)(
    'gaussian_blur makes the pixels of cv2 for size $size',
    ({ size, image }) => {
      expect(difference(gaussianBlur(sample.image, size), decoded(image))).toEqual(same);
    },
  );

  test.each(golden.jpeg_compression)(
    'jpeg_compression makes the pixels of Albumentations for quality $quality',
    async ({ quality, image }) => {
      expect(difference(await jpegCompression(sample.image, quality), decoded(image))).toEqual(same);
    },
  );

  test.each(golden.brightness_contrast)(
    'brightness_contrast makes the pixels of Albumentations for $alpha, $beta',
    ({ alpha, beta, image }) => {
      expect(difference(brightnessContrast(sample.image, alpha, beta), decoded(image))).toEqual(same);
    },
  );

  test('flips make the pixels of cv2', () => {
    for (const channel of ['image', 'mask'] as const) {
      expect(difference(flipHorizontally(sample[channel]), decoded(golden.horizontal_flip[channel]))).toEqual(
        same,
      );
      expect(difference(flipVertically(sample[channel]), decoded(golden.vertical_flip[channel]))).toEqual(
        same,
      );
    }
  });
});
