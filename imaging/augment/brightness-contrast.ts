import { takePixels } from '../pixel-pool.ts';
import type { Raster } from '../raster.ts';
import type { Transform } from './transform.ts';

/** Albumentations' RandomBrightnessContrast with brightness_by_max. Both limits are shares; image only. */
export function brightnessContrastTransform(limits: {
  readonly p: number;
  readonly brightness_limit: number;
  readonly contrast_limit: number;
}): Transform {
  return {
    name: 'brightness_contrast',
    p: limits.p,
    of: 'date',
    draw: (random) => {
      const alpha = 1 + random.uniform(-limits.contrast_limit, limits.contrast_limit);
      const beta = random.uniform(-limits.brightness_limit, limits.brightness_limit);
      return {
        parameters: { alpha, beta },
        image: (image) => brightnessContrast(image, alpha, beta),
      };
    },
  };
}

/** v·alpha + beta·255 in float32, clipped to 0…255 and cut (not rounded) to an integer. */
export function brightnessContrast(image: Raster, alpha: number, beta: number): Raster {
  const table = Uint8Array.from({ length: 256 }, (_, value) => {
    const scaled = Math.fround(value * Math.fround(alpha));
    const moved = Math.fround(scaled + Math.fround(beta * 255));
    return Math.trunc(Math.min(Math.max(moved, 0), 255));
  });
  const out = takePixels(image.pixels.length);
  for (let at = 0; at < out.length; at += 1) out[at] = table[image.pixels[at] as number] as number;
  return { ...image, pixels: out };
}
