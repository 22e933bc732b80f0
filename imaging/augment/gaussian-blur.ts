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
    draw: (random) => {
      const drawn = random.integer(limits.blur_limit[0], limits.blur_limit[1]);
      const size = drawn % 2 === 0 ? drawn + 1 : drawn;
      return {
        record: { name: 'gaussian_blur', size },
        apply: ({ image, mask }) => ({ image: gaussianBlur(image, size), mask }),
      };
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
  const columns = Int32Array.from(
    { length: width + 2 * radius },
    (_, at) => reflectIndex(at - radius, width, 'reflect101') * channels,
  );
  const down = new Int32Array(stride);
  const out = new Uint8Array(pixels.length);
  const half = 1 << (2 * bits - 1);
  for (let y = 0; y < height; y += 1) {
    down.fill(0);
    for (let tap = 0; tap < size; tap += 1) {
      const start = reflectIndex(y + tap - radius, height, 'reflect101') * stride;
      const weight = weights[tap] as number;
      for (let at = 0; at < stride; at += 1) {
        down[at] = (down[at] as number) + weight * (pixels[start + at] as number);
      }
    }
    let to = y * stride;
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < channels; c += 1) {
        let sum = half;
        for (let tap = 0; tap < size; tap += 1) {
          sum += (weights[tap] as number) * (down[(columns[x + tap] as number) + c] as number);
        }
        out[to] = sum >> (2 * bits);
        to += 1;
      }
    }
  }
  return { ...image, pixels: out };
}
