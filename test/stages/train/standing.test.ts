import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { writeSafetensors } from '../../../formats/safetensors.ts';
import { saveCheckpoint } from '../../../stages/train/checkpoint.ts';
import { fileAt } from '../../../stages/train/checkpoint-file.ts';
import { beginning, type Progress } from '../../../stages/train/progress.ts';
import { sayStanding } from '../../../stages/train/standing.ts';
import { tempFolder } from '../../temp-folder.ts';
import { trainParams } from './params.ts';

const params = trainParams({ train: { max_epochs: 3 } });
const ended = 'where training has ended: what is left is to write the model';

test('a message names the step that comes next, or that none comes', async () => {
  const [dir, tmp] = [tempFolder(), tempFolder()];
  const save = async (progress: Partial<Progress>) => {
    await saveCheckpoint(
      { dir, tmp, identity: sha256('this training') },
      { progress: { ...beginning, ...progress }, state: new Map(), environment: {} },
    );
    return sayStanding(dir, params);
  };
  expect(await sayStanding(dir, params)).toBeUndefined();
  expect(await save({ epoch: 2, step: 11 })).toBe('at epoch 2, step 12');
  expect(await save({ epoch: 3, best: { epoch: 2, valIou: 0.5 } })).toBe('at epoch 3, step 1');
  expect(await save({ epoch: 3, stopping: { ...beginning.stopping, stop: true } })).toBe(ended);
  expect(await save({ epoch: 4, best: { epoch: 2, valIou: 0.5 } })).toBe(ended);
});

test('one that is cut short is passed over', async () => {
  const [dir, tmp] = [tempFolder(), tempFolder()];
  const place = { dir, tmp, identity: sha256('this training') };
  const best = { epoch: 1, valIou: 0.5 };
  for (const step of [0, 2]) {
    const progress = { ...beginning, epoch: 2, step, best };
    await saveCheckpoint(place, { progress, state: new Map(), environment: {} });
  }
  truncateSync(join(dir, fileAt({ epoch: 2, step: 2 })), 20);
  expect(await sayStanding(dir, params)).toBe('at epoch 2, step 1');
  truncateSync(join(dir, fileAt({ epoch: 2, step: 0 })), 20);
  mkdirSync(join(dir, 'other'));
  expect(await sayStanding(dir, params)).toBeUndefined();
});

test('one whose header is damaged is passed over, whatever it says', async () => {
  const dir = tempFolder();
  const texts = ['null', '3', '{}', '{"progress":null}', '{"progress":{"epoch":2,"step":0}}'];
  for (const about of texts) {
    await writeSafetensors(join(dir, fileAt({ epoch: 2, step: 2 })), {
      tensors: new Map(),
      metadata: { about },
    });
    expect(await sayStanding(dir, params)).toBeUndefined();
  }
});
