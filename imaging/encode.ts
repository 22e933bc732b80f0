import { openSamples } from './codec.ts';
import type { Raster } from './raster.ts';

/**
 * PNG of a raster with 1 channel (stored as 8-bit grey) or 3 channels (8-bit RGB). Fixed compression settings and no
 * metadata: equal rasters give equal bytes with the same version of sharp.
 */
export function encodePng(raster: Raster): Promise<Buffer> {
  const { width, height, channels, pixels } = raster;
  if (channels !== 1 && channels !== 3) throw new Error(`Internal error: no PNG for ${channels} channels`);
  const picture = openSamples(pixels, width, height, channels);
  return (channels === 1 ? picture.toColourspace('b-w') : picture)
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer();
}
