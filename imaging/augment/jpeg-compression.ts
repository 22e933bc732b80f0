import { takePixels } from '../pixel-pool.ts';
import { openPicture, openSamples } from '../codec.ts';
import type { Raster } from '../raster.ts';
import type { Transform } from './transform.ts';

/** Albumentations' JpegCompression: a quality drawn from the limits, both included. Image only. */
export function jpegCompressionTransform(limits: {
  readonly p: number;
  readonly quality: readonly [number, number];
}): Transform {
  return {
    name: 'jpeg_compression',
    p: limits.p,
    draw: (random) => {
      const quality = random.integer(limits.quality[0], limits.quality[1]);
      return {
        record: { name: 'jpeg_compression', quality },
        apply: async ({ image, mask }) => ({ image: await jpegCompression(image, quality), mask }),
      };
    },
  };
}

/**
 * Encodes as JPEG (4:2:0, baseline) and decodes again. The recipe hands RGB to OpenCV's encoder, which takes it for BGR, so
 * its chroma comes from swapped channels: red is blurred as blue would be. Done here likewise, because the trained noise is that one.
 */
export async function jpegCompression(image: Raster, quality: number): Promise<Raster> {
  const { width, height, pixels } = image;
  const encoded = await openSamples(swapRedAndBlue(pixels), width, height, 3)
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
  const decoded = await openPicture(encoded).raw().toBuffer();
  return { ...image, pixels: swapRedAndBlue(decoded) };
}

function swapRedAndBlue(pixels: Uint8Array): Uint8Array {
  const out = takePixels(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    out[at] = pixels[at + 2] as number;
    out[at + 1] = pixels[at + 1] as number;
    out[at + 2] = pixels[at] as number;
  }
  return out;
}
