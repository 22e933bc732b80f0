import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { sha256 } from '../../base/digest.ts';
import { rastersOf, type Sample } from '../../imaging/augment/transform.ts';
import { takePixels } from '../../imaging/pixel-pool.ts';
import { nameOf, type Source } from './job.ts';

/** Width and height in pixels, and the bands of an image. */
interface Shape {
  readonly size: number;
  readonly channels: number;
}

/**
 * Keeps loaded samples in a scratch folder that all workers share: a mosaic needs four of them, and reading raw samples is
 * far cheaper than decoding and resizing again. A file is the samples of each image followed by the mask's.
 */
export function keepLoaded(
  load: (source: Source) => Promise<Sample>,
  folder: string,
  shape: Shape,
): (source: Source) => Promise<Sample> {
  return async (source) => {
    const path = join(folder, `${sha256(nameOf(source))}.raw`);
    const kept = await readKept(path, source.images.length, shape);
    if (kept !== undefined) return kept;
    const loaded = await load(source);
    // Two workers may load the same source at once; each writes its own draft, and either one is right.
    const draft = `${path}.${threadId}`;
    await writeFile(
      draft,
      rastersOf(loaded).map(({ pixels }) => pixels),
    );
    await rename(draft, path);
    return loaded;
  };
}

/** Undefined where nothing is kept. */
async function readKept(path: string, dates: number, { size, channels }: Shape): Promise<Sample | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const blank = (bands: number) => ({
      width: size,
      height: size,
      channels: bands,
      pixels: takePixels(bands * size * size),
    });
    const sample = { images: Array.from({ length: dates }, () => blank(channels)), mask: blank(1) };
    const { bytesRead } = await file.readv(rastersOf(sample).map(({ pixels }) => pixels));
    if (bytesRead !== (dates * channels + 1) * size * size) {
      throw new Error(`Internal error: ${path} was cut short`);
    }
    return sample;
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
