import sharp, { type Metadata, type Sharp } from 'sharp';

// Parallelism comes from the stages' own workers; libvips' threads and cache would only fight with them.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Opens an encoded picture. Samples come out as they were stored: an embedded colour profile would otherwise be applied
 * (and change class values), and an EXIF orientation is left alone, because masks carry none.
 * Warnings of a codec pass; truncation and errors do not. Who decodes bounds the size: scenes are larger than sharp's usual limit.
 */
export function openPicture(bytes: Uint8Array): Sharp {
  return sharp(bytes, {
    failOn: 'error',
    ignoreIcc: true,
    limitInputPixels: false,
    limitInputChannels: false,
  });
}

/** Wraps raw samples for encoding. */
export function openSamples(pixels: Uint8Array, width: number, height: number, channels: 1 | 3): Sharp {
  return sharp(pixels, { raw: { width, height, channels } });
}

/**
 * What a file holds, for messages: `a 16-bit RGB PNG with alpha`, `an 8-bit TIFF with 5 bands`.
 * @param alpha whether one of its channels is alpha
 */
export function sayPicture(metadata: Metadata, alpha: boolean, pages: number): string {
  const format = metadata.format.toUpperCase();
  if (pages > 1) return `a ${format} with ${pages} pages`;
  if (metadata.isPalette) return `a palette (indexed colour) ${format}`;
  if (metadata.space === 'cmyk') return `a CMYK ${format}`;
  const bits = bitsOf(metadata);
  const kind = metadata.depth === 'float' || metadata.depth === 'double' ? 'floating-point' : 'bit';
  const depth = kind === 'bit' ? `${bits}-bit` : `${bits}-bit ${kind}`;
  const colours = metadata.channels - (alpha ? 1 : 0);
  const extra = alpha ? ' with alpha' : '';
  if (colours !== 1 && colours !== 3)
    return `${article(depth)} ${depth} ${format} with ${colours} bands${extra}`;
  return `${article(depth)} ${depth} ${colours === 1 ? 'grey' : 'RGB'} ${format}${extra}`;
}

/** Bits of one stored sample: 1, 2, 4, 8, 16, 32 or 64. */
export function bitsOf(metadata: Metadata): number {
  if (metadata.bitsPerSample !== undefined) return metadata.bitsPerSample;
  return bitsOfDepth[metadata.depth];
}

const bitsOfDepth: Readonly<Record<Metadata['depth'], number>> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  complex: 64,
  double: 64,
  dpcomplex: 128,
};

function article(word: string): string {
  return word.startsWith('8') ? 'an' : 'a';
}
