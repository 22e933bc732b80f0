import type { Raster } from './raster.ts';

/** What of an image of any bands a person can be shown: the first three as red, green and blue, else the first one as grey. */
export function inColours(image: Raster): Raster {
  const { channels, pixels } = image;
  if (channels === 1 || channels === 3) return image;
  const shown = channels === 2 ? 1 : 3;
  const out = new Uint8Array((pixels.length / channels) * shown);
  for (let from = 0, to = 0; to < out.length; from += channels, to += shown) {
    for (let band = 0; band < shown; band += 1) out[to + band] = pixels[from + band] as number;
  }
  return { ...image, channels: shown, pixels: out };
}
