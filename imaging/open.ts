import { readFile } from 'node:fs/promises';
import type { Metadata, Sharp } from 'sharp';
import { FaultError } from '../base/fault.ts';
import { openPicture } from './codec.ts';
import { saySize, type Raster } from './raster.ts';
import { tiffFacts, type TiffFacts } from './tiff-tags.ts';
import { undecodable } from './unreadable.ts';

/** A picture file whose header has been read. */
export interface OpenPicture {
  readonly bytes: Buffer;
  readonly picture: Sharp;
  readonly metadata: Metadata;
  /** Undefined for what is no TIFF. */
  readonly tiff: TiffFacts | undefined;
  /** Pictures in the file; frames of an animation count. */
  readonly pages: number;
}

/** Throws `FaultError`: ERS_INPUT_MISSING, ERS_DECODE. */
export async function open(path: string, shownAs: string): Promise<OpenPicture> {
  const bytes = await read(path, shownAs);
  if (bytes.length === 0) throw new FaultError(undecodable(undefined, bytes, shownAs));
  const picture = openPicture(bytes);
  try {
    const metadata = await picture.metadata();
    const tiff = tiffFacts(bytes);
    return { bytes, picture, metadata, tiff, pages: tiff?.pages ?? metadata.pages ?? 1 };
  } catch (error) {
    throw new FaultError(undecodable(error, bytes, shownAs));
  }
}

/** All samples of a picture; it must have `channels` channels. Throws `FaultError`: ERS_DECODE. */
export async function samples(
  { picture, metadata, bytes }: Pick<OpenPicture, 'picture' | 'metadata' | 'bytes'>,
  channels: number,
  shownAs: string,
): Promise<Raster> {
  let decoded: { data: Buffer; info: { width: number; height: number; channels: number } };
  try {
    decoded = await picture.raw().toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new FaultError(undecodable(error, bytes, shownAs));
  }
  const { data, info } = decoded;
  if (info.channels !== channels || info.width !== metadata.width || info.height !== metadata.height) {
    throw new Error(`Internal error: ${shownAs} decoded as ${saySize(info)}×${info.channels}`);
  }
  // A plain Uint8Array: one loop that meets Buffers too is compiled for both and slower.
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { width: info.width, height: info.height, channels, pixels };
}

async function read(path: string, shownAs: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const file = { file: shownAs };
    switch (code) {
      case 'ENOENT':
        // Node replaces bytes of a name that are no UTF-8, and then finds no such file.
        if (shownAs.includes('\ufffd')) {
          throw new FaultError({
            code: 'ERS_INPUT_MISSING',
            message: 'The file cannot be opened, because its name is not UTF-8.',
            place: file,
            hint: 'Rename it, e.g. with `convmv -r -f latin1 -t utf8 --notest FOLDER`.',
          });
        }
        throw new FaultError({
          code: 'ERS_INPUT_MISSING',
          message: 'The file does not exist.',
          place: file,
          hint: 'Put it back, or take it out of the dataset.',
        });
      case 'EACCES':
      case 'EPERM':
        throw new FaultError({
          code: 'ERS_DECODE',
          message: 'The file cannot be read: permission denied.',
          place: file,
          hint: 'Mend its permissions.',
        });
      case 'ERR_FS_FILE_TOO_LARGE':
        throw new FaultError({
          code: 'ERS_DECODE',
          message: 'The file is larger than the 2 GiB that are read at once.',
          place: file,
          hint: tileHint,
        });
      default:
        throw new FaultError({
          code: 'ERS_DECODE',
          message: `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
          place: file,
          hint: 'See whether the disk or the file system is in order, and run again.',
        });
    }
  }
}

/** What to do with a scene that is too large to be read at once. */
export const tileHint =
  'Cut the scene and its mask into tiles of one grid, e.g. `gdal_retile.py -ps 1024 1024 -targetDir TILES IN`.';
