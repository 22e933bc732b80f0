import { takePixels } from '../pixel-pool.ts';
import type { Raster } from '../raster.ts';
import type { Transform } from './transform.ts';

/** Left and right change places. */
export function horizontalFlipTransform({ p }: { readonly p: number }): Transform {
  return {
    name: 'horizontal_flip',
    p,
    of: 'place',
    draw: () => ({ parameters: {}, image: flipHorizontally, mask: flipHorizontally }),
  };
}

/** Top and bottom change places. */
export function verticalFlipTransform({ p }: { readonly p: number }): Transform {
  return {
    name: 'vertical_flip',
    p,
    of: 'place',
    draw: () => ({ parameters: {}, image: flipVertically, mask: flipVertically }),
  };
}

export function flipHorizontally(raster: Raster): Raster {
  const { width, height, channels, pixels } = raster;
  const out = takePixels(pixels.length);
  if (channels === 1) {
    out.set(pixels);
    for (let y = 0; y < height; y += 1) out.subarray(y * width, (y + 1) * width).reverse();
    return { ...raster, pixels: out };
  }
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    for (let from = ((y + 1) * width - 1) * channels; from >= y * width * channels; from -= channels) {
      for (let c = from; c < from + channels; c += 1) {
        out[to] = pixels[c] as number;
        to += 1;
      }
    }
  }
  return { ...raster, pixels: out };
}

export function flipVertically(raster: Raster): Raster {
  const { height, pixels } = raster;
  const stride = raster.width * raster.channels;
  const out = takePixels(pixels.length);
  for (let y = 0; y < height; y += 1) {
    out.set(pixels.subarray(y * stride, (y + 1) * stride), (height - 1 - y) * stride);
  }
  return { ...raster, pixels: out };
}
