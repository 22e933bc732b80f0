import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensorsHeader } from '../../formats/safetensors.ts';
import { aboutIn } from './checkpoint-about.ts';
import { newestFirst } from './checkpoint-file.ts';
import type { Params } from './params.ts';
import { isFinished } from './progress.ts';

/**
 * Where a training that finds this folder of checkpoints goes on, for a message: `at epoch 3, step 12`, or that only the model is
 * to be written; undefined where nothing in it can be read. Reads headers only, so that a damaged checkpoint may be taken
 * for a good one.
 */
export async function sayStanding(dir: string, { train }: Params): Promise<string | undefined> {
  for (const name of newestFirst(await readdir(dir))) {
    const header = await readSafetensorsHeader(join(dir, name));
    const about = header.ok ? aboutIn(header.value.metadata) : undefined;
    if (about === undefined) continue;
    const { progress } = about;
    return isFinished(progress, train.max_epochs)
      ? 'where training has ended: what is left is to write the model'
      : `at epoch ${progress.epoch}, step ${progress.step + 1}`;
  }
  return undefined;
}
