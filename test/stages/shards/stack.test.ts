import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { storedJson } from '../../../base/stored-json.ts';
import { resizeLinear } from '../../../imaging/resize.ts';
import { stackBands } from '../../../imaging/stack.ts';
import { definition } from '../../../stages/shards/definition.ts';
import { openDataset } from '../../../stages/shards/reader/dataset.ts';
import { run } from '../../../stages/shards/run.ts';
import type { ShardsParams } from '../../../stages/shards/steps.ts';
import type { SplitManifest } from '../../../stages/split/manifest.ts';
import { stageContext, type TrialOf } from '../context.ts';
import { imageOf, smallParams, writeDataset } from './dataset.ts';

let folder: string;
let deps: { dataset: string; split: string };
let manifest: SplitManifest;
const trials: TrialOf<typeof definition>[] = [];

beforeAll(async () => {
  await prepareRandom();
  folder = await mkdtemp(join(tmpdir(), 'ers-stack-test-'));
  const written = await writeDataset(folder);
  deps = { dataset: written.dataset, split: written.split };
  manifest = written.manifest;
});
afterEach(() => {
  for (const trial of trials.splice(0)) trial.remove();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function trialOf(params: ShardsParams, split = deps.split): TrialOf<typeof definition> {
  const trial = stageContext({ definition, params, deps: { ...deps, split } });
  trials.push(trial);
  return trial;
}

function stacking(change: Partial<ShardsParams> = {}): ShardsParams {
  const params = smallParams();
  return { ...params, image: { ...params.image, periods: 'stack' }, ...change };
}

test('a validation sample holds the bands of each date in turn, and says where they come from', async () => {
  const trial = trialOf(stacking());
  expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'done' } });
  const val = await openDataset(trial.outs['val'] ?? '', 'val');
  try {
    expect(val.info).toMatchObject({ samples: 1, channels: 6, stacked_periods: ['6', '7'] });
    const dates = ['6', '7'].map((period) => resizeLinear(imageOf(2, period), 32, 32));
    expect((await val.read([0])).images).toEqual(stackBands(dates).pixels);
    expect(await val.source(0)).toEqual({
      ...{ key: '00000000', name: 'place.2', period: null },
      images: ['images/place.2_6.png', 'images/place.2_7.png'],
    });
  } finally {
    await val.close();
  }
});

test('training samples are as many a mask as there are copies, and mosaics take all dates of four places', async () => {
  const trial = trialOf(stacking({ mosaic: { p: 1 } }));
  await run(trial.context);
  const train = await openDataset(trial.outs['train'] ?? '', 'train');
  try {
    expect(train.info).toMatchObject({ samples: 12, channels: 6 });
    const { images } = await train.read([0]);
    const places = [0, 1, 3, 5].map((place) =>
      stackBands(['6', '7'].map((period) => resizeLinear(imageOf(place, period), 32, 32))),
    );
    for (const corner of [0, 31, 31 * 32, 32 * 32 - 1]) {
      const made = images.subarray(corner * 6, corner * 6 + 6);
      expect(places.map(({ pixels }) => pixels.subarray(corner * 6, corner * 6 + 6))).toContainEqual(made);
    }
  } finally {
    await train.close();
  }
});

test('a mask that lacks a date ends it before anything is written', async () => {
  const samples = manifest.samples.map((sample) =>
    sample.name === 'place.3' ? { ...sample, images: sample.images.slice(0, 1) } : sample,
  );
  const split = join(folder, 'gap.json');
  await writeFile(split, storedJson({ ...manifest, samples }));
  const trial = trialOf(stacking(), split);
  expect(await run(trial.context)).toMatchObject({
    ok: false,
    faults: [
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message:
          'The mask has not exactly one image of period 7; to be stacked it needs one of each of 6, 7.',
        place: { file: 'annotations/place.3_mask.png' },
      },
    ],
  });
  await expect(readFile(join(trial.outs['train'] ?? '', 'dataset.json'))).rejects.toThrow('ENOENT');
});

test('of one date there is nothing to stack: it says so, and makes what separate makes', async () => {
  const samples = manifest.samples.map((sample) => ({ ...sample, images: sample.images.slice(0, 1) }));
  const split = join(folder, 'one-date.json');
  await writeFile(split, storedJson({ ...manifest, periods: ['6'], samples }));
  const [stacked, separate] = [trialOf(stacking(), split), trialOf(smallParams(), split)];
  await run(stacked.context);
  await run(separate.context);
  expect(stacked.events.filter((event) => event.type === 'note')).toEqual([
    {
      type: 'note',
      level: 'warning',
      text: '`image.periods: stack` changes nothing here: each mask has one image.',
    },
  ]);
  for (const file of ['dataset.json', 'shard-00000.tar']) {
    const bytesOf = (trial: TrialOf<typeof definition>) => readFile(join(trial.outs['train'] ?? '', file));
    expect(await bytesOf(stacked)).toEqual(await bytesOf(separate));
  }
});
