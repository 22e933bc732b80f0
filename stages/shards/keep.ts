import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { sha256 } from '../../base/digest.ts';
import type { ImageAndMask } from '../../imaging/augment/transform.ts';
import { nameOf, type Source } from './job.ts';

/**
 * Keeps loaded samples in a scratch folder that all workers share: a mosaic needs four of them, and reading raw samples is
 * far cheaper than decoding and resizing again. A file is the image's samples followed by the mask's.
 */
export function keepLoaded(
  load: (source: Source) => Promise<ImageAndMask>,
  folder: string,
  size: number,
): (source: Source) => Promise<ImageAndMask> {
  const square = size * size;
  return async (source) => {
    const path = join(folder, `${sha256(nameOf(source))}.raw`);
    const kept = await readIfThere(path);
    if (kept !== undefined) {
      return {
        image: { width: size, height: size, channels: 3, pixels: kept.subarray(0, 3 * square) },
        mask: { width: size, height: size, channels: 1, pixels: kept.subarray(3 * square) },
      };
    }
    const loaded = await load(source);
    // Two workers may load the same source at once; each writes its own draft, and either one is right.
    const draft = `${path}.${threadId}`;
    await writeFile(draft, [loaded.image.pixels, loaded.mask.pixels]);
    await rename(draft, path);
    return loaded;
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
