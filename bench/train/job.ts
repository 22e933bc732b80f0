import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareRandom } from '../../base/random.ts';
import { writeNpy } from '../../formats/npy.ts';
import type { BenchOptions } from './options.ts';
import { files, recipe, type Job } from './protocol.ts';
import { makeSample } from './sample.ts';

/** Writes a batch into `dir`, for the sides to read, and says what they are to do with it. */
export async function prepareJob(
  dir: string,
  { batch, size, threads, encoder, precision, work, device }: Omit<BenchOptions, 'rounds' | 'steps'>,
): Promise<Job> {
  await prepareRandom();
  const { images, masks } = makeSample(batch, size, recipe.classes);
  writeFileSync(join(dir, files.images), writeNpy([batch, size, size, 3], images));
  writeFileSync(join(dir, files.masks), writeNpy([batch, size, size], masks));
  return { dir, batch, size, threads, encoder, precision, work, device, classes: recipe.classes };
}
