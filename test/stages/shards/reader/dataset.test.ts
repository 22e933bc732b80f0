import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FaultError, type Fault } from '../../../../base/fault.ts';
import { prepareRandom } from '../../../../base/random.ts';
import { writeNpy } from '../../../../formats/npy.ts';
import { readTar, writeTar, type TarEntry } from '../../../../formats/tar.ts';
import { openDataset } from '../../../../stages/shards/reader/dataset.ts';
import { makeShards } from '../../train/shards.ts';

let parent = '';
beforeAll(prepareRandom);
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'ers-dataset-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const options = { set: 'train', samples: 7, size: 32, classes: 3, perShard: 3 };

async function faultOf(work: () => Promise<unknown>): Promise<Fault | undefined> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FaultError) return error.faults[0];
    throw error;
  }
  return undefined;
}

/** Writes a shard again with some of its entries replaced. */
async function replace(shard: string, change: (entry: TarEntry) => TarEntry): Promise<void> {
  const entries: TarEntry[] = [];
  for await (const entry of readTar(shard)) entries.push(change(entry));
  await writeTar(shard, entries);
}

test('samples are read from all shards in any order', async () => {
  const dir = await makeShards(parent, options);
  const dataset = await openDataset(dir, 'train');
  expect(dataset.keys).toHaveLength(7);
  const wanted = new Map<string, Uint8Array>();
  for (const shard of ['shard-00000.tar', 'shard-00001.tar', 'shard-00002.tar']) {
    for await (const { name, bytes } of readTar(join(dir, shard))) wanted.set(name, bytes);
  }
  const { n, images, masks } = await dataset.read([6, 0]);
  expect(n).toBe(2);
  const last = wanted.get('train-000006.image.npy')?.subarray(-32 * 32 * 3);
  const first = wanted.get('train-000000.mask.npy')?.subarray(-32 * 32);
  expect(Buffer.compare(images.subarray(0, 32 * 32 * 3), last ?? new Uint8Array())).toBe(0);
  expect(Buffer.compare(masks.subarray(32 * 32), first ?? new Uint8Array())).toBe(0);
  await dataset.close();
});

test('a label outside the classes is named with its sample and pixel', async () => {
  const dir = await makeShards(parent, options);
  const mask = new Uint8Array(32 * 32);
  mask[32 * 5 + 9] = 3;
  await replace(join(dir, 'shard-00000.tar'), (entry) =>
    entry.name === 'train-000001.mask.npy' ? { ...entry, bytes: writeNpy([32, 32], mask) } : entry,
  );
  const dataset = await openDataset(dir, 'train');
  const fault = await faultOf(() => dataset.read([1]));
  await dataset.close();
  expect(fault).toMatchObject({
    code: 'ERS_SHARD',
    message: 'The mask holds the label 3; expected 0…2 or 255.',
    place: { file: 'train/shard-00000.tar:train-000001.mask.npy', pixel: { x: 9, y: 5 } },
  });
});

test('an array of another size is named with both sizes', async () => {
  const dir = await makeShards(parent, options);
  await replace(join(dir, 'shard-00000.tar'), (entry) =>
    entry.name === 'train-000000.mask.npy'
      ? { ...entry, bytes: writeNpy([16, 32], new Uint8Array(512)) }
      : entry,
  );
  const dataset = await openDataset(dir, 'train');
  const fault = await faultOf(() => dataset.read([0]));
  await dataset.close();
  expect(fault?.message).toBe('The array is 16×32 uint8; expected 32×32 uint8.');
});

test('an array whose header is as short as other writers make it is read to its place', async () => {
  const dir = await makeShards(parent, options);
  const labels = Uint8Array.from({ length: 32 * 32 }, (_, at) => at % 3);
  const long = writeNpy([32, 32], labels);
  const start = long.indexOf('\n') + 1;
  const text = long.toString('latin1', 10, start).trimEnd().replaceAll(' ', '');
  const short = Buffer.concat([
    long.subarray(0, 8),
    Buffer.from([text.length + 1, 0]),
    Buffer.from(`${text}\n`),
  ]);
  expect(short.length).toBeLessThan(start);
  await replace(join(dir, 'shard-00000.tar'), (entry) =>
    entry.name === 'train-000002.mask.npy' ? { ...entry, bytes: Buffer.concat([short, labels]) } : entry,
  );
  const dataset = await openDataset(dir, 'train');
  const { masks } = await dataset.read([1, 2]);
  await dataset.close();
  expect(Buffer.compare(masks.subarray(32 * 32), labels)).toBe(0);
});

test('an array that is larger, of another type, or cut off since it was opened is refused', async () => {
  const dir = await makeShards(parent, options);
  const shard = join(dir, 'shard-00000.tar');
  const others: Readonly<Record<string, Buffer>> = {
    'train-000000.mask.npy': writeNpy([32, 64], new Uint8Array(32 * 64)),
    'train-000001.mask.npy': writeNpy([32, 32], new Float32Array(32 * 32)),
  };
  await replace(shard, (entry) => ({ ...entry, bytes: others[entry.name] ?? entry.bytes }));
  const dataset = await openDataset(dir, 'train');
  const messages: (string | undefined)[] = [];
  for (const sample of [0, 1]) messages.push((await faultOf(() => dataset.read([sample])))?.message);
  truncateSync(shard, 1024);
  messages.push((await faultOf(() => dataset.read([2])))?.message);
  await dataset.close();
  expect(messages).toEqual([
    'The array is 32×64 uint8; expected 32×32 uint8.',
    'The array is 32×32 float32; expected 32×32 uint8.',
    'The array cannot be read: it is no .npy file.',
  ]);
});

test('a shard that is cut short or damaged is refused before training starts', async () => {
  const dir = await makeShards(parent, options);
  const shard = join(dir, 'shard-00001.tar');
  const whole = readFileSync(shard);
  truncateSync(shard, 700);
  expect((await faultOf(() => openDataset(dir, 'train')))?.message).toContain('is cut short');
  const damaged = Buffer.from(whole);
  damaged[3] = 0x7a;
  writeFileSync(shard, damaged);
  expect((await faultOf(() => openDataset(dir, 'train')))?.message).toContain(
    'the header at byte 0 is damaged',
  );
});

test('a dataset without samples, or with another number of them than it says, is refused', async () => {
  const empty = await makeShards(parent, { ...options, set: 'empty', samples: 0 });
  expect(await faultOf(() => openDataset(empty, 'val'))).toMatchObject({ code: 'ERS_DATASET_EMPTY' });
  const dir = await makeShards(parent, options);
  const file = join(dir, 'dataset.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"samples": 7', '"samples": 9'));
  expect((await faultOf(() => openDataset(dir, 'train')))?.message).toBe(
    'The shards hold 7 samples; expected 9.',
  );
  writeFileSync(file, '{"version": 2}');
  expect(await faultOf(() => openDataset(dir, 'train'))).toMatchObject({
    code: 'ERS_SHARD',
    place: { file: 'train/dataset.json' },
  });
});

test('channels that are not so many dates of equal bands are a fault of the description', async () => {
  const dir = await makeShards(parent, options);
  const path = join(dir, 'dataset.json');
  const info = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...info, stacked_periods: ['6', '7'] }));
  expect(await faultOf(() => openDataset(dir, 'train'))).toMatchObject({
    code: 'ERS_SHARD',
    message: 'The description of the shards cannot be used: 3 channels are not the bands of 2 dates.',
    place: { file: 'train/dataset.json' },
  });
});
