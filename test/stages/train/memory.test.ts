import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { loadTensorFlow } from '../../../runtime/load.ts';
import { begin } from '../../../stages/train/begin.ts';
import { definition } from '../../../stages/train/definition.ts';
import { Saving } from '../../../stages/train/saving.ts';
import { trainEpoch } from '../../../stages/train/train-epoch.ts';
import { validate } from '../../../stages/train/validate.ts';
import { runtimeForTests } from '../../nn/tensorflow.ts';
import { installLimit } from '../../runtime/installed.ts';
import { stageContext } from '../context.ts';
import { trainParams } from './params.ts';
import { makeShards } from './shards.ts';

const folder = mkdtempSync(join(tmpdir(), 'ers-memory-'));
let runtime = '';
beforeAll(async () => {
  await prepareRandom();
  runtime = await runtimeForTests();
}, installLimit);
afterAll(() => rmSync(folder, { recursive: true }));

/** The state that is saved every fifth epoch has 135 MB: if one stayed, the last ten epochs would show it. */
const slack = 150e6;

test('over 50 epochs with validation, and a saving now and then, no tensor is left and the memory stays as it is', async () => {
  const [size, classes, epochs] = [32, 2, 50];
  const trial = stageContext({
    definition,
    params: trainParams({
      model: { encoder_name: 'resnet18', decoder_channels: [8, 8, 8, 8, 8] },
      optimizer: { name: 'sgd', lr: 0.001, clip_norm: 1 },
      train: { batch_size: 3, max_epochs: epochs, accumulate: 2 },
    }),
    deps: {
      train: await makeShards(folder, { set: 'train', samples: 8, size, classes }),
      val: await makeShards(folder, { set: 'val', samples: 2, size, classes }),
    },
    runtime,
  });
  const tensorFlow = loadTensorFlow(runtime);
  const tensors: number[] = [];
  const memory: number[] = [];
  const begun = await begin(trial.context);
  const saving = new Saving(begun.setup);
  let { progress } = begun;
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    progress = { ...progress, epoch, step: 0 };
    progress = await trainEpoch(begun.setup, progress, saving);
    await validate(begun.setup, epoch);
    if (epoch % 5 === 0) await saving.save(progress);
    tensors.push(tensorFlow.tensors());
    memory.push(process.memoryUsage.rss());
  }
  await saving.close();
  await begun.setup.close();
  trial.remove();
  expect(progress.steps).toBe(3 * epochs);
  expect(new Set(tensors.slice(1))).toEqual(new Set([tensors[1]]));
  const highest = (from: number, to: number) => Math.max(...memory.slice(from, to));
  expect(highest(40, 50) - highest(10, 20)).toBeLessThan(slack);
});
