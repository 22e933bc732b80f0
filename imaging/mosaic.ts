import { takePixels } from './pixel-pool.ts';
import type { Sample } from './augment/transform.ts';
import type { Raster } from './raster.ts';

/** The samples of a mosaic's quadrants: top left, top right, bottom left, bottom right. */
export type Quadrants = readonly [Sample, Sample, Sample, Sample];

/**
 * One sample out of four of equal size and dates: quadrant i is quadrant i of sample i, where it was, in the mask and in each
 * date. Of an odd size the right and lower quadrants have the pixel more.
 */
export function mosaic(samples: Quadrants): Sample {
  return {
    images: samples[0].images.map((_, date) =>
      quadrantsOf(samples.flatMap(({ images }) => images.slice(date, date + 1))),
    ),
    mask: quadrantsOf(samples.map(({ mask }) => mask)),
  };
}

function quadrantsOf(rasters: readonly Raster[]): Raster {
  const [{ width, height, channels }] = rasters as readonly [Raster];
  const out: Raster = { width, height, channels, pixels: takePixels(width * height * channels) };
  const [middle, waist] = [width >> 1, height >> 1];
  if (rasters.length !== 4) throw new Error('Internal error: a mosaic of samples of different dates');
  rasters.forEach((raster, quadrant) => {
    if (raster.width !== width || raster.height !== height || raster.channels !== channels) {
      throw new Error('Internal error: a mosaic of rasters of different sizes');
    }
    const left = quadrant % 2 === 0 ? 0 : middle;
    const right = quadrant % 2 === 0 ? middle : width;
    const top = quadrant < 2 ? 0 : waist;
    const bottom = quadrant < 2 ? waist : height;
    for (let y = top; y < bottom; y += 1) {
      const start = (y * width + left) * channels;
      out.pixels.set(raster.pixels.subarray(start, (y * width + right) * channels), start);
    }
  });
  return out;
}
