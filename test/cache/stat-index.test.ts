import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { manifestDigest, parseManifest } from '../../cache/manifest.ts';
import { openStatIndex } from '../../cache/stat-index.ts';
import { stampNow } from '../../cache/stamp.ts';
import type { Found, StatIndex } from '../../cache/types.ts';
import { Interrupted, type HashProgress } from '../../cache/watch.ts';
import { faultsOf, nextStep, temporaryFolder } from './helpers.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'store', 'index');
  mkdirSync(join(folder, 'in'));
});

/** A clock a minute ahead: every file is old enough to be trusted at once. */
const later = (): bigint => BigInt(Date.now() + 60_000) * 1_000_000n;
const open = (): StatIndex => openStatIndex({ file, now: later });

/** What a fresh process finds, after what it learnt was kept for the next one. */
async function find(path: string): Promise<Found & { readonly filesRead: number }> {
  const index = open();
  const found = await index.find(path);
  await index.save();
  // The clock of these tests trusts any file at once.
  nextStep(folder);
  return { ...found, filesRead: index.read.files };
}

function write(path: string, text: string): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return full;
}

describe('a file', () => {
  test('is known by the sha256 of its bytes, and read once', async () => {
    const path = write('in/a', 'hello');
    const found = { kind: 'file', digest: sha256('hello'), bytes: 5 };
    expect(await find(path)).toEqual({ ...found, filesRead: 1 });
    expect(await find(path)).toEqual({ ...found, filesRead: 0 });
  });

  test('that is not there is missing, as is a link to nothing', async () => {
    symlinkSync('nowhere', join(folder, 'dangling'));
    expect(await open().find(join(folder, 'none'))).toEqual({ kind: 'missing' });
    expect(await open().find(join(write('in/a', ''), 'below'))).toEqual({ kind: 'missing' });
    expect(await open().find(join(folder, 'dangling'))).toEqual({ kind: 'missing' });
  });

  test('edited at the same size with its mtime put back is found', async () => {
    const path = write('in/a', 'one');
    utimesSync(path, 5, 5);
    await find(path);
    writeFileSync(path, 'two');
    utimesSync(path, 5, 5);
    expect(await find(path)).toMatchObject({ digest: sha256('two'), filesRead: 1 });
  });

  test('touched without change keeps its digest', async () => {
    const path = write('in/a', 'one');
    await find(path);
    utimesSync(path, 1, 1);
    expect(await find(path)).toMatchObject({ digest: sha256('one'), filesRead: 1 });
    expect(await find(path)).toMatchObject({ digest: sha256('one'), filesRead: 0 });
  });

  test('that another is renamed over is found, times and size being equal', async () => {
    const path = write('in/a', 'one');
    const other = write('other', 'two');
    for (const each of [path, other]) utimesSync(each, 5, 5);
    await find(path);
    renameSync(other, path);
    expect(await find(path)).toMatchObject({ digest: sha256('two') });
  });

  test('too young by the file system’s clock is read again until it is old enough', async () => {
    const path = write('in/a', 'one');
    const ctime = statSync(path, { bigint: true }).ctimeNs;
    const findAt = async (now: bigint | undefined): Promise<number> => {
      const index = openStatIndex({ file, now: () => now });
      await index.find(path);
      await index.save();
      return index.read.files;
    };
    const needed = ctime % 1_000_000n === 0n ? 2_000_000_000n : 20_000_000n;
    expect(await findAt(ctime + needed)).toBe(1);
    expect(await findAt(undefined)).toBe(1);
    expect(await findAt(ctime + needed + 1n)).toBe(1);
    expect(await findAt(undefined)).toBe(0);
  });

  test('of many megabytes is hashed in pieces, to the same digest', async () => {
    const bytes = Buffer.alloc(3 * (1 << 20) + 17, 'ers');
    const path = join(folder, 'large');
    writeFileSync(path, bytes);
    expect(await find(path)).toMatchObject({ digest: sha256(bytes), bytes: bytes.length });
  });

  test.each([0, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])('of %i bytes has the right digest', async (size) => {
    const path = join(folder, 'sized');
    writeFileSync(path, Buffer.alloc(size, 7));
    expect(await find(path)).toMatchObject({ digest: sha256(Buffer.alloc(size, 7)), bytes: size });
  });
});

describe('a folder', () => {
  const digests = (files: Readonly<Record<string, string>>) =>
    manifestDigest(
      Object.entries(files).map(([path, text]) => ({ path, bytes: text.length, digest: sha256(text) })),
    );

  test('is known by the manifest of its files in the order of their whole paths, hidden ones too', async () => {
    for (const path of ['in/a/x', 'in/a.b', 'in/a-b', 'in/.hidden', 'in/a/y/z']) write(path, path);
    const paths = ['.hidden', 'a-b', 'a.b', 'a/x', 'a/y/z'];
    const digest = digests(Object.fromEntries(paths.map((path) => [path, `in/${path}`])));
    expect(await find(join(folder, 'in'))).toMatchObject({ kind: 'folder', digest, files: 5, filesRead: 5 });
    expect(await find(join(folder, 'in'))).toMatchObject({ digest, filesRead: 0 });
    const list = open().listOf(join(folder, 'in'), digest) ?? '';
    expect(parseManifest(list)?.map((entry) => entry.path)).toEqual(paths);
    expect(manifestDigest(parseManifest(list) ?? [])).toBe(digest);
  });

  test('has a list for the digest that was found last, and for no other', async () => {
    const [root, index] = [join(folder, 'in'), open()];
    write('in/a', 'one');
    const first = await index.find(root);
    write('in/a', 'three');
    const second = await index.find(root);
    if (first.kind !== 'folder' || second.kind !== 'folder') throw new Error('no folder');
    expect(index.listOf(root, first.digest)).toBeUndefined();
    expect(index.listOf(root, second.digest)).toMatch(/^ers-manifest 1\n[0-9a-f]{64} 5 "a"\n$/);
  });

  test('is listed and stamped by one walk as by two', async () => {
    for (const path of ['in/a/x', 'in/a-b', 'in/c', 'in/c.d/e']) write(path, path);
    symlinkSync('../c', join(folder, 'in', 'a', 'link'));
    const root = join(folder, 'in');
    const looked = await open().look(root);
    expect(looked).toEqual({ found: await open().find(root), stamp: stampNow(root) });
    expect(looked.stamp.paths).toEqual(['', 'a', 'a-b', 'a/link', 'a/link', 'a/x', 'c', 'c.d', 'c.d/e']);
  });

  test('reads only the file that changed, and tells each kind of change', async () => {
    for (const path of ['in/a', 'in/b/c', 'in/d']) write(path, path);
    const root = join(folder, 'in');
    await find(root);
    write('in/b/c', 'new');
    expect(await find(root)).toMatchObject({
      digest: digests({ a: 'in/a', 'b/c': 'new', d: 'in/d' }),
      filesRead: 1,
    });
    write('in/e', 'e');
    expect(await find(root)).toMatchObject({ files: 4, filesRead: 1 });
    rmSync(join(root, 'a'));
    const without = digests({ 'b/c': 'new', d: 'in/d', e: 'e' });
    expect(await find(root)).toMatchObject({ digest: without, filesRead: 0 });
    renameSync(join(root, 'd'), join(root, 'D'));
    expect(await find(root)).toMatchObject({ digest: digests({ D: 'in/d', 'b/c': 'new', e: 'e' }) });
  });

  test('of 10 000 files of which one changed reads that one, and next time none', async () => {
    for (let at = 0; at < 100; at += 1) mkdirSync(join(folder, 'in', String(at)));
    for (let at = 0; at < 10_000; at += 1)
      writeFileSync(join(folder, 'in', String(at % 100), String(at)), '');
    const before = await find(join(folder, 'in'));
    expect(before).toMatchObject({ files: 10_000, bytes: 0, filesRead: 10_000 });
    write('in/50/50', 'x');
    const after = await find(join(folder, 'in'));
    expect(after).toMatchObject({ files: 10_000, bytes: 1, filesRead: 1 });
    expect(await find(join(folder, 'in'))).toEqual({ ...after, filesRead: 0 });
  });

  test('renamed inside is found, though no file in it has other stats', async () => {
    write('in/before/x', 'x');
    const root = join(folder, 'in');
    await find(root);
    renameSync(join(root, 'before'), join(root, 'after'));
    expect(await find(root)).toMatchObject({ digest: digests({ 'after/x': 'x' }) });
  });

  test('does not count empty folders, and may be empty', async () => {
    expect(await find(join(folder, 'in'))).toMatchObject({ digest: digests({}), files: 0 });
    mkdirSync(join(folder, 'in', 'empty'));
    expect(await find(join(folder, 'in'))).toMatchObject({ digest: digests({}), files: 0 });
  });

  test('has the same digest wherever it lies', async () => {
    write('in/a', '1');
    const before = await find(join(folder, 'in'));
    renameSync(join(folder, 'in'), join(folder, 'moved'));
    expect(await find(join(folder, 'moved'))).toEqual(before);
  });

  test('shows a link’s target, and finds a change behind it', async () => {
    write('far/file', 'one');
    write('far/folder/x', 'x1');
    symlinkSync('../far/file', join(folder, 'in', 'file'));
    symlinkSync('../far/folder', join(folder, 'in', 'folder'));
    const root = join(folder, 'in');
    expect(await find(root)).toMatchObject({ digest: digests({ file: 'one', 'folder/x': 'x1' }) });
    write('far/file', 'two');
    expect(await find(root)).toMatchObject({ digest: digests({ file: 'two', 'folder/x': 'x1' }) });
    write('far/folder/x', 'x2');
    expect(await find(root)).toMatchObject({ digest: digests({ file: 'two', 'folder/x': 'x2' }) });
    write('far/other', 'six');
    rmSync(join(root, 'file'));
    symlinkSync('../far/other', join(root, 'file'));
    expect(await find(root)).toMatchObject({ digest: digests({ file: 'six', 'folder/x': 'x2' }) });
  });

  test('names every file that cannot be an input', async () => {
    const root = join(folder, 'in');
    mkdirSync(join(root, 'deep'));
    symlinkSync('..', join(root, 'deep', 'loop'));
    symlinkSync('self', join(root, 'self'));
    symlinkSync('nowhere', join(root, 'gone'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    symlinkSync('/dev/null', join(root, 'null'));
    const faults = await faultsOf(open().find(root));
    expect(faults.map(({ code, place }) => `${code} ${place?.file.slice(root.length + 1) ?? ''}`)).toEqual([
      'ERS_INPUT_KIND deep/loop',
      'ERS_INPUT_MISSING gone',
      'ERS_INPUT_KIND null',
      'ERS_INPUT_KIND pipe',
      'ERS_INPUT_KIND self',
    ]);
    expect(faults[3]?.message).toBe(`${root}/pipe is a FIFO; an input must be a file or a folder of files.`);
  });

  test('keeps apart names that only bytes tell apart', async () => {
    const root = join(folder, 'in');
    const odd = (byte: number): Buffer => Buffer.concat([Buffer.from(`${root}/f`), Buffer.of(byte)]);
    for (const name of ['a b', '"q"', 'n\nl', 'вода']) write(`in/${name}`, name);
    writeFileSync(odd(0xff), '1');
    writeFileSync(odd(0xfe), '2');
    const before = await find(root);
    expect(before).toMatchObject({ files: 6, filesRead: 6 });
    expect(await find(root)).toEqual({ ...before, filesRead: 0 });
    writeFileSync(odd(0xfe), '3');
    const after = await find(root);
    expect(after.filesRead).toBe(1);
    expect(after).not.toMatchObject({ digest: before.kind === 'folder' ? before.digest : '' });
  });

  test('with a file that changes or goes while it is read is a fault that names the file', async () => {
    const root = join(folder, 'in');
    write('in/a', '1');
    const path = write('in/b', '2');
    const index = (act: () => void): StatIndex => openStatIndex({ file, now: () => (act(), later()) });
    const changed = await faultsOf(index(() => appendFileSync(path, 'x')).find(root));
    expect(changed).toMatchObject([
      { code: 'ERS_INPUT_CHANGED', message: `${path} changed while it was read.` },
    ]);
    const gone = await faultsOf(index(() => rmSync(path)).find(root));
    expect(gone).toMatchObject([
      { code: 'ERS_INPUT_CHANGED', message: `${path} was removed while it was read.` },
    ]);
    expect(await find(root)).toMatchObject({ files: 1 });
  });

  test('with a file that cannot be read is a fault that names it', async (context) => {
    context.skip(process.getuid?.() === 0, 'root may read everything');
    const path = write('in/a', '1');
    chmodSync(path, 0);
    expect(await faultsOf(open().find(join(folder, 'in')))).toMatchObject([
      { code: 'ERS_INPUT_KIND', place: { file: path } },
    ]);
  });
});

describe('the index file', () => {
  test('cut off at any byte or with any byte flipped gives no wrong digest', async () => {
    const root = join(folder, 'in');
    write('in/a', '1');
    write('in/b/c', '2');
    const truth = await open().find(root);
    await find(root);
    const good = readFileSync(file);
    for (let at = 0; at < good.length; at += 1) {
      const flipped = Buffer.from(good);
      flipped.writeUInt8((good[at] ?? 0) ^ 0x10, at);
      for (const bad of [flipped, good.subarray(0, at)]) {
        writeFileSync(file, bad);
        const index = open();
        expect(await index.find(root), `byte ${at}`).toEqual(truth);
        expect(index.read.files, `byte ${at}`).toBe(2);
      }
    }
    writeFileSync(file, good);
    expect(await find(root)).toEqual({ ...truth, filesRead: 0 });
  });

  test('that is foreign, a folder, or cannot be made costs only reading', async () => {
    const path = write('in/a', '1');
    writeFileSync(join(folder, 'foreign'), 'SQLite format 3\0');
    for (const bad of ['foreign', 'in', 'foreign/below/index']) {
      const index = openStatIndex({ file: join(folder, bad), now: later });
      expect(await index.find(path)).toMatchObject({ digest: sha256('1') });
      await index.save();
    }
    expect(readFileSync(path, 'utf8')).toBe('1');
  });

  test('is written only if something was learnt, and forgets paths that are gone', async () => {
    const path = write('in/a', '1');
    const other = write('other', '2');
    await find(path);
    await find(other);
    const { ino, size } = statSync(file);
    await find(path);
    expect(statSync(file).ino).toBe(ino);
    rmSync(other);
    write('in/a', '3');
    await find(path);
    expect(statSync(file).size).toBeLessThan(size);
  });

  test('keeps what another process saved meanwhile', async () => {
    const [first, second] = [open(), open()];
    const [one, two] = [write('in/one', '1'), write('in/two', '2')];
    await first.find(one);
    await second.find(two);
    await first.save();
    await second.save();
    expect(await find(one)).toMatchObject({ filesRead: 0 });
    expect(await find(two)).toMatchObject({ filesRead: 0 });
  });

  test('tells of progress when content is read, and of nothing when not', async () => {
    const path = write('in/a', '12345');
    const told: unknown[] = [];
    const index = open();
    await index.find(path, { progress: (done) => told.push(done) });
    await index.find(path, { progress: (done) => told.push(done) });
    expect(told).toEqual([{ files: 1, bytes: 5, done: 5, total: 5 }]);
  });
});

describe('a reading that is interrupted', () => {
  /** Ends within the huge file: no other one has so many bytes, however long one takes. */
  function impatient() {
    const controller = new AbortController();
    const progress: HashProgress = ({ done }) => {
      if (done > 1000) controller.abort();
    };
    return { signal: controller.signal, progress };
  }

  /** Holds nothing, and takes half a minute to read. */
  function huge(path: string): string {
    const full = write(path, '');
    truncateSync(full, 2 ** 36);
    return full;
  }

  test('keeps what it has read of a folder, for the next process too', async () => {
    for (const name of ['a', 'b', 'c']) write(`in/${name}`, name);
    const index = open();
    const before = huge('in/b-huge');
    await expect(index.find(join(folder, 'in'), impatient())).rejects.toThrow(Interrupted);
    await index.save();
    rmSync(before);
    expect(await find(join(folder, 'in'))).toMatchObject({ files: 3, filesRead: 1 });
  });

  test('keeps what was known of the files behind the one that it was at', async () => {
    for (const name of ['a', 'b', 'c']) write(`in/${name}`, name);
    await find(join(folder, 'in'));
    const index = open();
    huge('in/b');
    await expect(index.look(join(folder, 'in'), impatient())).rejects.toThrow(Interrupted);
    await index.save();
    write('in/b', 'b');
    expect(await find(join(folder, 'in'))).toMatchObject({ files: 3, filesRead: 1 });
  });

  test('gives a folder that then holds just the files that were read the digest of these', async () => {
    write('in/a', 'a');
    const index = open();
    const path = huge('in/b');
    await expect(index.stamp(join(folder, 'in'), impatient())).rejects.toThrow(Interrupted);
    await index.save();
    rmSync(path);
    const list = [{ path: 'a', bytes: 1, digest: sha256('a') }];
    expect(await find(join(folder, 'in'))).toMatchObject({ digest: manifestDigest(list), filesRead: 0 });
  });

  test('leaves nothing of a single file, and no other content in its place', async () => {
    const path = huge('in/a');
    const index = open();
    await expect(index.find(path, impatient())).rejects.toThrow(Interrupted);
    await index.save();
    write('in/a', 'a');
    expect(await find(path)).toMatchObject({ digest: sha256('a'), filesRead: 1 });
  });
});
