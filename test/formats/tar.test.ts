import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultError } from '../../base/fault.ts';
import { readTar, writeTar, type TarEntry } from '../../formats/tar.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ers-tar-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const entries: readonly TarEntry[] = [
  { name: 'a.image.npy', bytes: Buffer.alloc(1500, 7) },
  { name: 'a.json', bytes: Buffer.from('{}') },
  { name: 'b.json', bytes: Buffer.alloc(0) },
];

async function readAll(path: string): Promise<[string, string][]> {
  const read: [string, string][] = [];
  for await (const { name, bytes } of readTar(path, 'train/shard-00000.tar')) {
    read.push([name, Buffer.from(bytes).toString('hex')]);
  }
  return read;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}

test('an archive is read back in its order with its bytes', async () => {
  const path = join(folder, 'whole.tar');
  await writeTar(path, entries);
  expect(await readAll(path)).toEqual(
    entries.map(({ name, bytes }) => [name, Buffer.from(bytes).toString('hex')]),
  );
});

test('equal entries give equal bytes, from a list and from a generator, with zero times and owners', async () => {
  await writeTar(join(folder, 'list.tar'), entries);
  await writeTar(
    join(folder, 'generated.tar'),
    (async function* () {
      for (const entry of entries) yield await Promise.resolve(entry);
    })(),
  );
  const bytes = await readFile(join(folder, 'list.tar'));
  expect(bytes.equals(await readFile(join(folder, 'generated.tar')))).toBe(true);
  expect(bytes.length).toBe(512 * (1 + 3 + 1 + 1 + 1 + 2));
  expect(bytes.toString('latin1', 100, 148)).toBe(
    '000644 \0' + '000000 \0'.repeat(2) + '00000002734 ' + '00000000000 ',
  );
  expect(bytes.toString('latin1', 257, 263)).toBe('ustar\0');
  expect(createHash('sha256').update(bytes).digest('hex')).toMatchInlineSnapshot(
    `"0b504d6375aaf51ef534b1d50de8b5b89435bc7101bfd54abfc174399b280abf"`,
  );
});

test.each([
  ['inside a file', 700],
  ['between two files', 512 + 1536 + 1024],
  ['to nothing', 0],
])('an archive cut %s is ERS_SHARD with its name', async (_, size) => {
  const path = join(folder, 'cut.tar');
  await writeTar(path, entries);
  await truncate(path, size);
  const error = await failure(readAll(path));
  expect(error).toBeInstanceOf(FaultError);
  expect(error).toMatchObject({
    faults: [
      {
        code: 'ERS_SHARD',
        message: `The shard is cut short: its ${size} bytes do not close with the end of an archive.`,
        place: { file: 'train/shard-00000.tar' },
      },
    ],
  });
});

test('a damaged header is ERS_SHARD', async () => {
  const path = join(folder, 'damaged.tar');
  await writeTar(path, entries);
  const bytes = await readFile(path);
  bytes[512 + 1536 + 3] = 0xff;
  await writeFile(path, bytes);
  const error = await failure(readAll(path));
  expect(error).toMatchObject({
    faults: [{ code: 'ERS_SHARD', message: expect.stringContaining('after a.image.npy') as string }],
  });
});

test('an error of the entries is passed on and ends the writing', async () => {
  const failing = (function* () {
    yield { name: 'a', bytes: Buffer.from('1') };
    throw new Error('no more samples');
  })();
  expect(await failure(writeTar(join(folder, 'failing.tar'), failing))).toMatchObject({
    message: 'no more samples',
  });
});

test('an error of the disk is passed on, also when more entries wait', async () => {
  const many = (function* () {
    for (let index = 0; index < 200; index += 1) yield { name: `${index}`, bytes: Buffer.alloc(65536) };
  })();
  expect(await failure(writeTar(join(folder, 'absent', 'x.tar'), many))).toMatchObject({ code: 'ENOENT' });
});

test('a reader may stop early', async () => {
  const path = join(folder, 'early.tar');
  await writeTar(path, entries);
  for await (const { name } of readTar(path, 'x')) {
    expect(name).toBe('a.image.npy');
    break;
  }
});
