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
    of: 'date',
    draw: (random) => {
      const quality = random.integer(limits.quality[0], limits.quality[1]);
      return { parameters: { quality }, image: (image) => jpegCompression(image, quality) };
    },
  };
}

/**
 * Encodes as JPEG (4:2:0, baseline) and decodes again. The recipe hands RGB to OpenCV's encoder, which takes it for BGR, so
 * its chroma comes from swapped channels: red is blurred as blue would be. Done here likewise, because the trained noise is that one.
 * Where there are not three channels each is coded as a grey picture: what its neighbours mean is not known.
 */
export async function jpegCompression(image: Raster, quality: number): Promise<Raster> {
  const { width, height, pixels } = image;
  if (image.channels !== 3) return jpegOfBands(image, quality);
  const encoded = await openSamples(swapRedAndBlue(pixels), width, height, 3)
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
  const decoded = await openPicture(encoded).raw().toBuffer();
  return { ...image, pixels: swapRedAndBlue(decoded) };
}

async function jpegOfBands(image: Raster, quality: number): Promise<Raster> {
  const { width, height, channels, pixels } = image;
  const out = takePixels(pixels.length);
  const band = new Uint8Array(width * height);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let at = 0; at < band.length; at += 1) band[at] = pixels[at * channels + channel] as number;
    const encoded = await openSamples(band, width, height, 1)
      .toColourspace('b-w')
      .jpeg({ quality })
      .toBuffer();
    const decoded = await openPicture(encoded).toColourspace('b-w').raw().toBuffer();
    for (let at = 0; at < band.length; at += 1) out[at * channels + channel] = decoded[at] as number;
  }
  return { ...image, pixels: out };
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
