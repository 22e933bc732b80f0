import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Sample } from '../../imaging/augment/transform.ts';
import type { Raster } from '../../imaging/raster.ts';

/** Numbers of Albumentations and OpenCV, written by bench/peers/augment_golden.py. */
interface Golden {
  readonly image: Encoded;
  readonly mask: Encoded;
  readonly matrices: readonly {
    readonly width: number;
    readonly height: number;
    readonly parameters: ShiftScaleRotate;
    readonly matrix: readonly number[];
  }[];
  readonly optical_maps: readonly {
    readonly width: number;
    readonly height: number;
    readonly k: number;
    readonly points: readonly {
      readonly u: number;
      readonly v: number;
      readonly x: number;
      readonly y: number;
    }[];
  }[];
  readonly grid_coordinates: readonly {
    readonly length: number;
    readonly steps: readonly number[];
    readonly coordinates: readonly number[];
  }[];
  readonly shift_scale_rotate: readonly ({ readonly parameters: ShiftScaleRotate } & Pair)[];
  readonly optical_distortion: readonly ({ readonly k: number } & Pair)[];
  readonly grid_distortion: readonly ({
    readonly x_steps: readonly number[];
    readonly y_steps: readonly number[];
  } & Pair)[];
  readonly gaussian_blur: readonly { readonly size: number; readonly image: Encoded }[];
  readonly jpeg_compression: readonly { readonly quality: number; readonly image: Encoded }[];
  readonly brightness_contrast: readonly {
    readonly alpha: number;
    readonly beta: number;
    readonly image: Encoded;
  }[];
  readonly horizontal_flip: Pair;
  readonly vertical_flip: Pair;
  readonly resize: readonly { readonly linear: Encoded; readonly nearest: Encoded }[];
}

interface Pair {
  readonly image: Encoded;
  readonly mask: Encoded;
}

interface ShiftScaleRotate {
  readonly angle: number;
  readonly scale: number;
  readonly dx: number;
  readonly dy: number;
}

interface Encoded {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: string;
}

export const golden = JSON.parse(
  readFileSync(new URL('../golden/augment/golden.json', import.meta.url), 'utf8'),
) as Golden;

export function decoded({ width, height, channels, pixels }: Encoded): Raster {
  return { width, height, channels, pixels: new Uint8Array(Buffer.from(pixels, 'base64')) };
}

export const sample = { image: decoded(golden.image), mask: decoded(golden.mask) };

/** The golden sample as that of one date. */
export const oneDate: Sample = { images: [sample.image], mask: sample.mask };

/** How two rasters of equal size differ: the number of unequal samples and the largest difference. */
export function difference(
  made: Raster,
  expected: Raster,
): { readonly unequal: number; readonly largest: number } {
  expect([made.width, made.height, made.channels, made.pixels.length]).toEqual([
    expected.width,
    expected.height,
    expected.channels,
    expected.pixels.length,
  ]);
  let unequal = 0;
  let largest = 0;
  made.pixels.forEach((value, at) => {
    const gap = Math.abs(value - (expected.pixels[at] ?? Number.NaN));
    if (gap !== 0) unequal += 1;
    largest = Math.max(largest, gap);
  });
  return { unequal, largest };
}

export const same = { unequal: 0, largest: 0 };
