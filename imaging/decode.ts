import { FaultError, settle, type Result } from '../base/fault.ts';
import { bitsOf, sayPicture } from './codec.ts';
import { open, samples, tileHint, type OpenPicture } from './open.ts';
import { saySize, type Raster } from './raster.ts';

/** Samples of one picture that are held in memory at once: 2 GiB. */
const mostSamples = 2_147_483_648;

/** An image, and how EXIF wants it turned for the eye (1…8); absent where it lies as it is stored. */
export interface DecodedImage extends Raster {
  readonly orientation?: number;
}

/**
 * Reads an image of 8-bit samples: red, green, blue, or as many bands as are asked for (alpha is one of them). Samples are as
 * stored: no colour profile and no EXIF rotation is applied.
 *
 * @param path absolute path
 * @param shownAs the path to name in faults, relative to the dataset
 * @param channels how many the image must have
 * Faults: ERS_INPUT_MISSING, ERS_DECODE (truncated, corrupt, not a picture), ERS_IMAGE_FORMAT (another kind of picture).
 */
export function decodeImage(path: string, shownAs: string, channels = 3): Promise<Result<DecodedImage>> {
  return settle(async () => {
    const opened = await open(path, shownAs);
    const { picture, metadata, tiff, pages } = opened;
    const alpha = hasAlpha(opened);
    const refuse = (hint: string): never => {
      throw new FaultError({
        code: 'ERS_IMAGE_FORMAT',
        message: `The image is ${sayPicture(metadata, alpha, pages)}; expected ${sayExpected(channels)}.`,
        place: { file: shownAs },
        hint,
      });
    };
    if (pages > 1) refuse(`Only one of the pages can be meant. ${onePageHint(opened)}`);
    if (metadata.isPalette) refuse('Convert it to RGB, e.g. `convert IN -type TrueColor PNG24:OUT`.');
    if (metadata.space === 'cmyk') refuse('Convert it to RGB; a print colour space holds no sensor values.');
    if (metadata.depth !== 'uchar' || bitsOf(metadata) !== 8) {
      refuse('Scale it to 8 bits with one fixed range for the whole dataset, not per image.');
    }
    if (metadata.channels !== channels) {
      refuse(`${otherChannels(opened, channels, alpha)} Or set \`image.channels\` to ${metadata.channels}.`);
    }
    checkSize(opened, channels, 'image', shownAs);
    if (channels === 2 || (channels > 2 && metadata.space === 'b-w')) {
      if (tiff?.planar === true) refuse(interleave);
      return withOrientation(await greyBands(opened, channels, shownAs), metadata.orientation);
    }
    const plain = channels === 1 ? { ...opened, picture: picture.toColourspace('b-w') } : opened;
    return withOrientation(await samples(plain, channels, shownAs), metadata.orientation);
  });
}

/**
 * Reads a mask: exactly one 8-bit grey channel whose samples are class values, stored without loss.
 *
 * @param path absolute path
 * @param shownAs the path to name in faults, relative to the dataset
 * Faults: ERS_INPUT_MISSING, ERS_DECODE, ERS_MASK_FORMAT (colours, palette, alpha, another depth, lossy compression).
 */
export function decodeMask(path: string, shownAs: string): Promise<Result<Raster>> {
  return settle(async () => {
    const opened = await open(path, shownAs);
    const { picture, metadata, tiff, pages } = opened;
    const alpha = hasAlpha(opened);
    const refuse = (why: string, hint: string): never => {
      throw new FaultError({
        code: 'ERS_MASK_FORMAT',
        message: `The mask is ${sayPicture(metadata, alpha, pages)}; ${why}.`,
        place: { file: shownAs },
        hint,
      });
    };
    if (pages > 1) refuse('expected one page', onePageHint(opened));
    if (metadata.format === 'jpeg' || tiff?.lossy === true) {
      refuse(
        'lossy compression invents class values',
        'Export the mask again from its source as 8-bit grey PNG.',
      );
    }
    if (metadata.isPalette) {
      refuse(
        'a palette stands for colours, and expected were class values in one 8-bit grey channel',
        'Write the class values themselves into an 8-bit grey PNG.',
      );
    }
    if (metadata.depth !== 'uchar' || bitsOf(metadata) !== 8) {
      refuse(
        'expected class values 0…255 in one 8-bit grey channel',
        'Save it as 8-bit grey PNG without rescaling its values.',
      );
    }
    if (alpha) {
      refuse(
        'expected one grey channel without alpha',
        'Remove the alpha channel; class values belong in one grey channel.',
      );
    }
    checkSize(opened, metadata.channels, 'mask', shownAs);
    if (metadata.channels !== 1) await refuseColours(opened, shownAs, refuse);
    return samples({ ...opened, picture: picture.toColourspace('b-w') }, 1, shownAs);
  });
}

/** For a TIFF sharp calls every fourth band alpha; its tags tell. */
function hasAlpha({ tiff, metadata }: OpenPicture): boolean {
  return tiff === undefined ? metadata.hasAlpha : tiff.alpha;
}

function withOrientation(raster: Raster, orientation = 1): DecodedImage {
  return orientation === 1 ? raster : { ...raster, orientation };
}

/**
 * Bands of which the first is called grey. sharp hands that one over three times, for red, green and blue, and then the
 * others; with the colour space `b-w` it would drop these.
 */
async function greyBands(opened: OpenPicture, channels: number, shownAs: string): Promise<Raster> {
  const wide = await samples(opened, channels + 2, shownAs);
  const pixels = new Uint8Array(wide.width * wide.height * channels);
  for (let from = 0, to = 0; to < pixels.length; from += channels + 2, to += channels) {
    for (let band = 0; band < channels; band += 1) {
      pixels[to + band] = wide.pixels[from + (band === 0 ? 0 : band + 2)] as number;
    }
  }
  return { ...wide, channels, pixels };
}

function sayExpected(channels: number): string {
  if (channels === 1) return '8-bit grey';
  return channels === 3 ? '8-bit RGB' : `${channels} bands of 8 bits`;
}

function otherChannels({ metadata, tiff }: OpenPicture, channels: number, alpha: boolean): string {
  if (channels !== 3) return `Give every image ${channels === 1 ? 'one band' : `${channels} bands`}.`;
  if (metadata.channels === 1) return 'Repeat the grey band three times, or give the RGB original.';
  return alpha && metadata.channels === 4 && tiff === undefined
    ? 'Drop the alpha channel, e.g. `convert IN -alpha off OUT`.'
    : threeBands;
}

/** libvips reads such bands in a wrong order when the first is called grey (seen with 8.17). */
const interleave =
  'Its bands lie one after another: interleave them, e.g. `gdal_translate -co INTERLEAVE=PIXEL in.tif out.tif`.';

const threeBands =
  'Keep the three bands for red, green and blue, e.g. `gdal_translate -b 1 -b 2 -b 3 in.tif out.tif`.';

function onePageHint({ tiff }: OpenPicture): string {
  return tiff === undefined
    ? 'Save one frame of it, e.g. `convert IN[0] OUT`.'
    : 'Save one page, e.g. `gdal_translate GTIFF_DIR:1:in.tif out.tif`.';
}

function checkSize(
  { metadata }: OpenPicture,
  channels: number,
  what: 'image' | 'mask',
  shownAs: string,
): void {
  if (metadata.width * metadata.height * channels <= mostSamples) return;
  const millions = Math.floor(mostSamples / channels / 1e6);
  throw new FaultError({
    code: what === 'image' ? 'ERS_IMAGE_FORMAT' : 'ERS_MASK_FORMAT',
    message: `The ${what} has ${saySize(metadata)} pixels; at most ${millions} million pixels (2 GiB of samples) are read at once.`,
    place: { file: shownAs },
    hint: tileHint,
  });
}

async function refuseColours(
  opened: OpenPicture,
  shownAs: string,
  refuse: (why: string, hint: string) => never,
): Promise<never> {
  if (opened.metadata.channels !== 3) {
    return refuse(
      'expected class values in one 8-bit grey channel',
      'Keep only the channel that holds the class values.',
    );
  }
  const { pixels } = await samples({ ...opened, picture: opened.picture.clone() }, 3, shownAs);
  const colours = new Set<number>();
  let grey = true;
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] ?? 0;
    const green = pixels[at + 1] ?? 0;
    const blue = pixels[at + 2] ?? 0;
    colours.add(red * 65536 + green * 256 + blue);
    grey &&= red === green && green === blue;
  }
  const count = `${colours.size} distinct ${colours.size === 1 ? 'colour' : 'colours'}`;
  return refuse(
    `it has ${count}, and expected were class values in one 8-bit grey channel`,
    grey
      ? 'Its three channels are equal: save only one of them, as 8-bit grey PNG.'
      : 'Map each colour to its class value and save the values as 8-bit grey PNG.',
  );
}
