import { takePixels } from '../pixel-pool.ts';
import type { Raster } from '../raster.ts';
import { reflectIndex } from '../remap.ts';
import type { Transform } from './transform.ts';

/** OpenCV's fixed kernels for a size without a sigma (getGaussianKernel), as integers and the power of two they sum to. */
const kernels: ReadonlyMap<number, { readonly weights: readonly number[]; readonly bits: number }> = new Map([
  [3, { weights: [1, 2, 1], bits: 2 }],
  [5, { weights: [1, 4, 6, 4, 1], bits: 4 }],
  [7, { weights: [2, 7, 14, 18, 14, 7, 2], bits: 6 }],
]);

/**
 * Albumentations' GaussianBlur: a kernel size drawn from the limits, both included, where an even one becomes the next odd one.
 * Size 1 changes nothing. Image only.
 */
export function gaussianBlurTransform(limits: {
  readonly p: number;
  readonly blur_limit: readonly [number, number];
}): Transform {
  return {
    name: 'gaussian_blur',
    p: limits.p,
    of: 'date',
    draw: (random) => {
      const drawn = random.integer(limits.blur_limit[0], limits.blur_limit[1]);
      const size = drawn % 2 === 0 ? drawn + 1 : drawn;
      return { parameters: { size }, image: (image) => gaussianBlur(image, size) };
    },
  };
}

/** cv2.GaussianBlur with sigma 0 on uint8: size 1, 3, 5 or 7 pixels, border reflect101, rounded half up once at the end. */
export function gaussianBlur(image: Raster, size: number): Raster {
  if (size === 1) return image;
  const kernel = kernels.get(size);
  if (kernel === undefined) throw new Error(`Internal error: no Gaussian kernel of size ${size}`);
  const { width, height, channels, pixels } = image;
  const { weights, bits } = kernel;
  const radius = (size - 1) / 2;
  const stride = width * channels;
  const down = new Int32Array(stride + 2 * radius * channels);
  const sums = new Int32Array(stride);
  const out = takePixels(pixels.length);
  for (let y = 0; y < height; y += 1) {
    down.fill(0);
    for (let tap = 0; tap < size; tap += 1) {
      const start = reflectIndex(y + tap - radius, height, 'reflect101') * stride;
      addPixels(down, radius * channels, pixels, start, stride, weights[tap] as number);
    }
    reflectEnds(down, width, channels, radius);
    // Half of the divisor: the shift below then rounds.
    sums.fill(1 << (2 * bits - 1));
    for (let tap = 0; tap < size; tap += 1) addSums(sums, down, tap * channels, weights[tap] as number);
    for (let at = 0; at < stride; at += 1) out[y * stride + at] = (sums[at] as number) >> (2 * bits);
  }
  return { ...image, pixels: out };
}

/** `sums[sumsStart…] += weight · pixels[start…]` for `length` samples. */
function addPixels(
  sums: Int32Array,
  sumsStart: number,
  pixels: Uint8Array,
  start: number,
  length: number,
  weight: number,
): void {
  for (let at = 0; at < length; at += 1) {
    sums[sumsStart + at] = (sums[sumsStart + at] as number) + weight * (pixels[start + at] as number);
  }
}

/** `sums[…] += weight · row[start…]` for every sum. Apart from `addPixels`, so that each is compiled for one kind of array. */
function addSums(sums: Int32Array, row: Int32Array, start: number, weight: number): void {
  for (let at = 0; at < sums.length; at += 1) {
    sums[at] = (sums[at] as number) + weight * (row[start + at] as number);
  }
}

/** Fills `radius` pixels on both sides of a row that starts behind them. */
function reflectEnds(row: Int32Array, width: number, channels: number, radius: number): void {
  for (let x = 1; x <= radius; x += 1) {
    for (let c = 0; c < channels; c += 1) {
      const left = reflectIndex(-x, width, 'reflect101');
      const right = reflectIndex(width - 1 + x, width, 'reflect101');
      row[(radius - x) * channels + c] = row[(radius + left) * channels + c] as number;
      row[(radius + width - 1 + x) * channels + c] = row[(radius + right) * channels + c] as number;
    }
  }
}
