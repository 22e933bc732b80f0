import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { FaultError } from '../../../base/fault.ts';
import { prepareRandom } from '../../../base/random.ts';
import { openDataset } from '../../../stages/shards/reader/dataset.ts';
import { definition } from '../../../stages/train/definition.ts';
import { Feed } from '../../../stages/train/feed.ts';
import { stageContext } from '../context.ts';
import { trainParams } from './params.ts';
import { makeShards } from './shards.ts';

beforeAll(prepareRandom);

/** Two sets, read directly and by a thread. */
async function sets() {
  const folder = mkdtempSync(join(tmpdir(), 'ers-feed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const dirs = {
    train: await makeShards(folder, { set: 'train', samples: 7, size: 32, classes: 3, perShard: 3 }),
    val: await makeShards(folder, { set: 'val', samples: 2, size: 32, classes: 3 }),
  };
  const direct = {
    train: await openDataset(dirs.train, 'train'),
    val: await openDataset(dirs.val, 'val'),
  };
  onTestFinished(async () => {
    await direct.train.close();
    await direct.val.close();
  });
  const trial = stageContext({ definition, params: trainParams() });
  onTestFinished(() => trial.remove());
  const job = [
    { dir: dirs.train, shownAs: 'train' },
    { dir: dirs.val, shownAs: 'val' },
  ];
  return { dirs, direct, job, startWorker: trial.context.startWorker };
}

test('batches from the thread are those that a set reads itself, whatever was asked for before', async () => {
  const { direct, job, startWorker } = await sets();
  const feed = new Feed(startWorker, job);
  const [train, val] = [feed.through(0, direct.train), feed.through(1, direct.val)];
  const batches = await Promise.all([train.read([6, 0]), val.read([1]), train.read([2]), train.read([6, 0])]);
  expect(batches).toEqual([
    await direct.train.read([6, 0]),
    await direct.val.read([1]),
    await direct.train.read([2]),
    await direct.train.read([6, 0]),
  ]);
  const late = train.read([5]);
  await feed.close();
  expect(await late).toEqual(await direct.train.read([5]));
  await expect(train.read([5])).rejects.toThrow('Internal error: the thread that reads has ended');
});

test('a shard that was cut off since it was opened is the fault of the batch that needs it, and of no other', async () => {
  const { dirs, direct, job, startWorker } = await sets();
  const feed = new Feed(startWorker, job);
  const train = feed.through(0, direct.train);
  await train.read([0]);
  truncateSync(join(dirs.train, 'shard-00002.tar'), 600);
  const fault = await train.read([6]).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(FaultError);
  expect(fault instanceof FaultError && fault.faults[0]).toMatchObject({
    code: 'ERS_SHARD',
    place: { file: 'train/shard-00002.tar:train-000006.image.npy' },
  });
  expect((await train.read([0])).n).toBe(1);
  await feed.close();
});

test('a thread that dies is told to all that wait for it', async () => {
  const { direct, job } = await sets();
  const feed = new Feed(() => new Worker("throw new Error('no memory')", { eval: true }), job);
  const train = feed.through(0, direct.train);
  const reads = await Promise.allSettled([train.read([0]), train.read([1])]);
  expect(reads.map((read) => (read.status === 'rejected' ? String(read.reason) : read))).toEqual([
    'Error: no memory',
    'Error: no memory',
  ]);
  await feed.close();
});
