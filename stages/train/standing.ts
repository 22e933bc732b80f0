import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, parseJson } from '../../base/parse-json.ts';
import { readSafetensorsHeader } from '../../formats/safetensors.ts';
import { newestFirst } from './checkpoint-file.ts';
import type { Params } from './params.ts';
import { isFinished, type Progress } from './progress.ts';

type Standing = Pick<Progress, 'epoch' | 'step' | 'stopping'>;

/**
 * Where a training that finds this folder of checkpoints goes on, for a message: `at epoch 3, step 12`, or that only the model is
 * to be written; undefined where nothing in it can be read. Reads headers only, so that a damaged checkpoint may be taken
 * for a good one.
 */
export async function sayStanding(dir: string, { train }: Params): Promise<string | undefined> {
  for (const name of newestFirst(await readdir(dir))) {
    const header = await readSafetensorsHeader(join(dir, name));
    const progress = header.ok ? progressIn(header.value.metadata) : undefined;
    if (progress === undefined) continue;
    return isFinished(progress, train.max_epochs)
      ? 'where training has ended: what is left is to write the model'
      : `at epoch ${progress.epoch}, step ${progress.step + 1}`;
  }
  return undefined;
}

/** Out of a header that nobody has held against its digest: a damaged one may say anything. */
function progressIn(metadata: Readonly<Record<string, string>>): Standing | undefined {
  const about = parseJson(metadata['about'] ?? '');
  const progress = isJsonObject(about) ? about['progress'] : undefined;
  return isJsonObject(progress) && isStanding(progress) ? progress : undefined;
}

function isStanding(value: { readonly [name: string]: unknown }): value is Standing {
  const { epoch, step, stopping } = value;
  return typeof epoch === 'number' && typeof step === 'number' && isJsonObject(stopping);
}
