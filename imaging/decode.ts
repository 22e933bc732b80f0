import { readFile } from 'node:fs/promises';
import type { Metadata, Sharp } from 'sharp';
import { FaultError, settle, type Fault, type Result } from '../base/fault.ts';
import { bitsOf, openPicture, sayPicture } from './codec.ts';
import { saySize, type Raster } from './raster.ts';
import { isLossyTiff } from './tiff-compression.ts';

/**
 * Reads an image: exactly 8-bit red, green, blue. Samples are as stored: no colour profile and no EXIF rotation is applied.
 *
 * @param path absolute path
 * @param shownAs the path to name in faults, relative to the dataset
 * Faults: ERS_INPUT_MISSING, ERS_DECODE (truncated, corrupt, not a picture), ERS_IMAGE_FORMAT (another kind of picture).
 */
export function decodeImage(path: string, shownAs: string): Promise<Result<Raster>> {
  return settle(async () => {
    const { picture, metadata } = await open(path, shownAs);
    const refuse = (hint: string): never => {
      throw new FaultError({
        code: 'ERS_IMAGE_FORMAT',
        message: `The image is ${sayPicture(metadata)}; expected 8-bit RGB.`,
        place: { file: shownAs },
        hint,
      });
    };
    if (metadata.isPalette) refuse('Convert it to RGB, e.g. `convert IN -type TrueColor PNG24:OUT`.');
    if (metadata.space === 'cmyk') refuse('Convert it to RGB; a print colour space holds no sensor values.');
    if (metadata.depth !== 'uchar' || bitsOf(metadata) !== 8) {
      refuse('Scale it to 8 bits with one fixed range for the whole dataset, not per image.');
    }
    if (metadata.hasAlpha) refuse('Drop the alpha channel, e.g. `convert IN -alpha off OUT`.');
    if (metadata.channels === 1) refuse('Repeat the grey band three times, or give the RGB original.');
    if (metadata.channels !== 3)
      refuse('Choose three bands as red, green and blue, e.g. `gdal_translate -b 1 -b 2 -b 3`.');
    return samples(picture, 3, metadata, shownAs);
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
    const { bytes, picture, metadata } = await open(path, shownAs);
    const refuse = (why: string, hint: string): never => {
      throw new FaultError({
        code: 'ERS_MASK_FORMAT',
        message: `The mask is ${sayPicture(metadata)}; ${why}.`,
        place: { file: shownAs },
        hint,
      });
    };
    if (metadata.format === 'jpeg' || isLossyTiff(bytes)) {
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
    if (metadata.hasAlpha) {
      refuse(
        'expected one grey channel without alpha',
        'Remove the alpha channel; class values belong in one grey channel.',
      );
    }
    if (metadata.channels !== 1) await refuseColours(picture, metadata, shownAs, refuse);
    return samples(picture.toColourspace('b-w'), 1, metadata, shownAs);
  });
}

async function open(
  path: string,
  shownAs: string,
): Promise<{ bytes: Buffer; picture: Sharp; metadata: Metadata }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isMissing(error)) {
      throw new FaultError({
        code: 'ERS_INPUT_MISSING',
        message: 'The file does not exist.',
        place: { file: shownAs },
        hint: 'Put it back, or take it out of the dataset.',
      });
    }
    throw new FaultError(undecodable(error, shownAs));
  }
  if (bytes.length === 0) throw new FaultError(undecodable('it is empty', shownAs));
  const picture = openPicture(bytes);
  try {
    return { bytes, picture, metadata: await picture.metadata() };
  } catch (error) {
    throw new FaultError(undecodable(error, shownAs));
  }
}

async function samples(
  picture: Sharp,
  channels: number,
  metadata: Metadata,
  shownAs: string,
): Promise<Raster> {
  let decoded: { data: Buffer; info: { width: number; height: number; channels: number } };
  try {
    decoded = await picture.raw().toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new FaultError(undecodable(error, shownAs));
  }
  const { data, info } = decoded;
  if (info.channels !== channels || info.width !== metadata.width || info.height !== metadata.height) {
    throw new Error(`Internal error: ${shownAs} decoded as ${saySize(info)}×${info.channels}`);
  }
  // A plain Uint8Array: one loop that meets Buffers too is compiled for both and slower.
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { width: info.width, height: info.height, channels, pixels };
}

async function refuseColours(
  picture: Sharp,
  metadata: Metadata,
  shownAs: string,
  refuse: (why: string, hint: string) => never,
): Promise<never> {
  if (metadata.channels !== 3) {
    return refuse(
      'expected class values in one 8-bit grey channel',
      'Keep only the channel that holds the class values.',
    );
  }
  const { pixels } = await samples(picture.clone(), 3, metadata, shownAs);
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

function undecodable(reason: unknown, shownAs: string): Fault {
  const why = reason instanceof Error ? reason.message.split('\n')[0] : String(reason);
  return {
    code: 'ERS_DECODE',
    message: `The picture cannot be read: ${why}.`,
    place: { file: shownAs },
    hint: 'The file is truncated, damaged or no picture: copy it again from its source.',
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
