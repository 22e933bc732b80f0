import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { openDataset } from '../../../stages/shards/reader/dataset.ts';
import { batchSizes, epochPlan, plainPlan, readAhead } from '../../../stages/train/batches.ts';
import { makeShards } from './shards.ts';

let parent = '';
beforeAll(prepareRandom);
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'ers-batches-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

test('an epoch holds every sample once, in an order of its own; the last batch is smaller', () => {
  const first = epochPlan(7, 3, 17, 1);
  expect(first.map((batch) => batch.length)).toEqual([3, 3, 1]);
  expect(first.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(epochPlan(7, 3, 17, 1)).toEqual(first);
  expect(epochPlan(7, 3, 17, 2)).not.toEqual(first);
  expect(epochPlan(7, 3, 18, 1)).not.toEqual(first);
  expect(batchSizes(7, 3)).toEqual([3, 1]);
  expect(batchSizes(6, 3)).toEqual([3]);
  expect(batchSizes(2, 3)).toEqual([2]);
});

test('an epoch draws from all shards at once, and its rest is the same wherever it is taken up', async () => {
  const dir = await makeShards(parent, { set: 'train', samples: 24, size: 32, classes: 3, perShard: 8 });
  const dataset = await openDataset(dir, 'train');
  const plan = epochPlan(24, 8, 17, 3);
  expect(plan.map((batch) => new Set(batch.map((sample) => Math.floor(sample / 8))).size)).toEqual([3, 3, 3]);
  const images = async (from: number) => {
    const read: Uint8Array[] = [];
    for await (const { batch } of readAhead(dataset, plan.slice(from))) read.push(batch.images);
    return read;
  };
  expect(await images(1)).toEqual((await images(0)).slice(1));
  await dataset.close();
});

test('while a batch is in work the next two are being read, and no more', async () => {
  const dataset = await openDataset(
    await makeShards(parent, { set: 'train', samples: 5, size: 32, classes: 3 }),
    'train',
  );
  let begun = 0;
  const counting = {
    ...dataset,
    read: (samples: readonly number[]) => {
      begun += 1;
      return dataset.read(samples);
    },
  };
  const seen: number[] = [];
  for await (const batch of readAhead(counting, plainPlan(5, 1))) seen.push(begun - (batch.samples[0] ?? 0));
  expect(seen).toEqual([3, 3, 3, 2, 1]);
  begun = 0;
  for await (const batch of readAhead(counting, plainPlan(5, 1))) if (batch.batch.n === 1) break;
  expect(begun).toBe(3);
  await dataset.close();
});

test('reading ahead gives the batches of the plan in order', async () => {
  const dataset = await openDataset(
    await makeShards(parent, { set: 'train', samples: 7, size: 32, classes: 3 }),
    'train',
  );
  const seen: number[][] = [];
  for await (const { batch, samples } of readAhead(dataset, plainPlan(7, 3))) {
    expect(batch.n).toBe(samples.length);
    seen.push([...samples]);
  }
  expect(seen).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  await dataset.close();
});
