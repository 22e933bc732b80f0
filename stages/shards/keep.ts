import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { sha256 } from '../../base/digest.ts';
import type { ImageAndMask } from '../../imaging/augment/transform.ts';
import { takePixels } from '../../imaging/pixel-pool.ts';
import { nameOf, type Source } from './job.ts';

/**
 * Keeps loaded samples in a scratch folder that all workers share: a mosaic needs four of them, and reading raw samples is
 * far cheaper than decoding and resizing again. A file is the image's samples followed by the mask's.
 */
export function keepLoaded(
  load: (source: Source) => Promise<ImageAndMask>,
  folder: string,
  { size, channels }: { readonly size: number; readonly channels: number },
): (source: Source) => Promise<ImageAndMask> {
  return async (source) => {
    const path = join(folder, `${sha256(nameOf(source))}.raw`);
    const kept = await readKept(path, size, channels);
    if (kept !== undefined) return kept;
    const loaded = await load(source);
    // Two workers may load the same source at once; each writes its own draft, and either one is right.
    const draft = `${path}.${threadId}`;
    await writeFile(draft, [loaded.image.pixels, loaded.mask.pixels]);
    await rename(draft, path);
    return loaded;
  };
}

/** Undefined where nothing is kept. */
async function readKept(path: string, size: number, channels: number): Promise<ImageAndMask | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const image = takePixels(channels * size * size);
    const mask = takePixels(size * size);
    const { bytesRead } = await file.readv([image, mask]);
    if (bytesRead !== image.length + mask.length) throw new Error(`Internal error: ${path} was cut short`);
    return {
      image: { width: size, height: size, channels, pixels: image },
      mask: { width: size, height: size, channels: 1, pixels: mask },
    };
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
