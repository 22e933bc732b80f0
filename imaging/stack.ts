import { takePixels } from './pixel-pool.ts';
import type { Raster } from './raster.ts';

/** Rasters of equal size and bands as one: of each pixel the bands of the first raster, then those of the second, … */
export function stackBands(rasters: readonly Raster[]): Raster {
  const [first] = rasters;
  if (first === undefined) throw new Error('Internal error: a stack of no rasters');
  if (rasters.length === 1) return first;
  const { width, height, channels: bands } = first;
  const channels = bands * rasters.length;
  const pixels = takePixels(width * height * channels);
  rasters.forEach((raster, date) => {
    if (raster.width !== width || raster.height !== height || raster.channels !== bands) {
      throw new Error('Internal error: a stack of rasters of different shapes');
    }
    let from = 0;
    for (let to = date * bands; to < pixels.length; to += channels) {
      for (let band = 0; band < bands; band += 1) pixels[to + band] = raster.pixels[from + band] as number;
      from += bands;
    }
  });
  return { width, height, channels, pixels };
}

/** The `count` rasters of a stack, each with as many bands. */
export function unstackBands(stack: Raster, count: number): readonly Raster[] {
  if (count === 1) return [stack];
  const { width, height, channels: all, pixels } = stack;
  const channels = all / count;
  if (!Number.isInteger(channels)) throw new Error(`Internal error: ${all} bands of ${count} rasters`);
  return Array.from({ length: count }, (_, date) => {
    const own = new Uint8Array(width * height * channels);
    let to = 0;
    for (let from = date * channels; from < pixels.length; from += all) {
      for (let band = 0; band < channels; band += 1) own[to + band] = pixels[from + band] as number;
      to += channels;
    }
    return { width, height, channels, pixels: own };
  });
}
