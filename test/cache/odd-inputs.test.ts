import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { parseManifest } from '../../cache/manifest.ts';
import { openStatIndex } from '../../cache/stat-index.ts';
import type { Found } from '../../cache/types.ts';
import { faultsOf, nextStep, temporaryFolder } from './helpers.ts';

let folder: string;
let file: string;
let root: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'store', 'index');
  root = join(folder, 'in');
  mkdirSync(root);
});

const later = (): bigint => BigInt(Date.now() + 60_000) * 1_000_000n;

/** What a fresh process finds, after what it learnt was kept for the next one. */
async function find(path = root): Promise<Found & { readonly filesRead: number }> {
  const index = openStatIndex({ file, now: later });
  const found = await index.find(path);
  await index.save();
  // The clock of these tests trusts any file at once.
  nextStep(folder);
  return { ...found, filesRead: index.read.files };
}

async function paths(): Promise<readonly string[]> {
  const index = openStatIndex({ file, now: later });
  const found = await index.find(root);
  if (found.kind === 'missing') throw new Error(`nothing is at ${root}`);
  return (parseManifest(index.listOf(root, found.digest) ?? '') ?? []).map(({ path }) => path);
}

function write(path: string, text: string): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return full;
}

test('an edit through another hard link of an input file is found', async () => {
  const other = write('elsewhere', 'one');
  linkSync(other, join(root, 'a'));
  utimesSync(other, 5, 5);
  expect(await find(join(root, 'a'))).toMatchObject({ digest: sha256('one') });
  writeFileSync(other, 'two');
  utimesSync(other, 5, 5);
  expect(await find(join(root, 'a'))).toMatchObject({ digest: sha256('two') });
});

test('two hard links of one file are two files, and one more link changes nothing', async () => {
  const first = write('in/a', 'one');
  linkSync(first, join(root, 'b'));
  const both = await find();
  expect(both).toMatchObject({ files: 2, bytes: 6 });
  linkSync(first, join(folder, 'outside'));
  expect(await find()).toEqual({ ...both, filesRead: 2 });
});

test('a link that is turned to a file, or a folder, of equal content is the same input', async () => {
  for (const place of ['one', 'two']) write(`${place}/deep/x`, 'same');
  symlinkSync('../one', join(root, 'folder'));
  symlinkSync('../one/deep/x', join(root, 'file'));
  const before = await find();
  for (const [name, target] of [
    ['folder', '../two'],
    ['file', '../two/deep/x'],
  ] as const) {
    unlinkSync(join(root, name));
    symlinkSync(target, join(root, name));
  }
  expect(await find()).toMatchObject({ digest: 'digest' in before ? before.digest : '', filesRead: 2 });
});

test('links that lead to each other, and one to the folder they lie in, are named and end the walk', async () => {
  symlinkSync('b', join(root, 'a'));
  symlinkSync('a', join(root, 'b'));
  symlinkSync('.', join(root, 'here'));
  const faults = await faultsOf(openStatIndex({ file }).find(root));
  expect(faults.map(({ code, place }) => [code, place?.file])).toEqual(
    ['a', 'b', 'here'].map((name) => ['ERS_INPUT_KIND', join(root, name)]),
  );
});

test.each(['fifo', 'socket', 'device'])(
  'a %s that is an input itself is refused at once, and is not opened',
  async (kind) => {
    const path = kind === 'device' ? '/dev/zero' : join(root, 'special');
    if (kind === 'fifo') execFileSync('mkfifo', [path]);
    if (kind === 'socket') {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
      await once(server, 'listening');
    }
    expect(await faultsOf(openStatIndex({ file }).find(path))).toMatchObject([
      {
        code: 'ERS_INPUT_KIND',
        message: `${path} is a ${kind === 'fifo' ? 'FIFO' : kind}; an input must be a file or a folder of files.`,
      },
    ]);
  },
);

test('names with leading dashes, spaces, backslashes and only dots and blanks are names like others', async () => {
  const names = [' ', '-', '--help', '-rf', '...', '\\', '\t', 'a\\b', '~', '$HOME', '*'].sort();
  for (const name of names) write(`in/${name}`, name);
  expect(await find()).toMatchObject({ files: names.length });
  expect(await paths()).toEqual(names);
  expect(await find()).toMatchObject({ filesRead: 0 });
});

test('twins that look alike, composed and decomposed, are two files, and a rename from one to the other is seen', async () => {
  const [composed, decomposed] = ['é'.normalize('NFC'), 'é'.normalize('NFD')];
  write(`in/${composed}`, 'one');
  const before = await find();
  renameSync(join(root, composed), join(root, decomposed));
  expect(await find()).not.toMatchObject({ digest: 'digest' in before ? before.digest : '' });
  write(`in/${composed}`, 'two');
  expect(await paths()).toEqual([decomposed, composed]);
});

test('a rename of nothing but case is seen', async () => {
  write('in/Scene.tif', 'x');
  const before = await find();
  renameSync(join(root, 'Scene.tif'), join(root, 'scene.tif'));
  expect(await find()).not.toMatchObject({ digest: 'digest' in before ? before.digest : '' });
  expect(await paths()).toEqual(['scene.tif']);
});

test('a file that becomes a folder, and a file again, is found as each', async () => {
  const path = write('in/a', 'one');
  const first = await find();
  rmSync(path);
  write('in/a/b', 'one');
  expect(await find(path)).toMatchObject({ kind: 'folder', files: 1 });
  expect(await paths()).toEqual(['a/b']);
  rmSync(path, { recursive: true });
  write('in/a', 'one');
  expect(await find(path)).toMatchObject({ kind: 'file', digest: sha256('one') });
  expect(await find()).toMatchObject({ digest: 'digest' in first ? first.digest : '' });
});

test('a name as long as a file system allows, and a path of thousands of characters, are read and known again', async () => {
  const long = 'n'.repeat(255);
  write(`in/${long}`, 'one');
  const deep = Array.from({ length: 14 }, () => 'e'.repeat(255)).join('/');
  write(`in/${deep}/x`, 'deep');
  expect(await find()).toMatchObject({ files: 2, filesRead: 2 });
  expect(await find()).toMatchObject({ files: 2, filesRead: 0 });
  expect(await paths()).toEqual([`${deep}/x`, long]);
});

test('a path longer than the system can open is a fault that says so, and does not pass for missing', async () => {
  write('in/a', 'one');
  // Made step by step, as a program does that changes into each folder.
  const script = `const n = 'f'.repeat(250); for (let i = 0; i < 18; i++) { fs.mkdirSync(n); process.chdir(n); } fs.writeFileSync('x', 'x')`;
  execFileSync(process.execPath, ['-e', script], { cwd: root });
  onTestFinished(() => void execFileSync('rm', ['-rf', root]));
  const faults = await faultsOf(openStatIndex({ file }).find(root));
  expect(faults).toMatchObject([{ code: 'ERS_INPUT_KIND', place: { file: root } }]);
  expect(faults[0]?.message).toMatch(
    /^.{80}… is a path of 4\d\d\d characters, longer than the system can open\.$/,
  );
});

test('a sparse file is read by its length, and one byte in it counts', async () => {
  const path = write('in/sparse', '');
  truncateSync(path, 64 << 20);
  const before = await find();
  expect(before).toMatchObject({ bytes: 64 << 20 });
  execFileSync('dd', [
    'if=/dev/zero',
    `of=${path}`,
    'bs=1',
    'seek=50000000',
    'count=1',
    'conv=notrunc',
    'status=none',
  ]);
  expect(await find()).toMatchObject({ digest: 'digest' in before ? before.digest : '', filesRead: 1 });
  execFileSync('/bin/sh', [
    '-c',
    `printf x | dd of="$1" bs=1 seek=50000000 conv=notrunc status=none`,
    'sh',
    path,
  ]);
  expect(await find()).not.toMatchObject({ digest: 'digest' in before ? before.digest : '' });
});
