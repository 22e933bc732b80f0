import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { checkRuntime, installedBytes, writeManifest } from '../../../runtime/install/manifest.ts';

let dir: string;
const library = (): string => join(dir, 'r/tensorflow/lib.so');
const signal = new AbortController().signal;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ers-manifest-'));
  mkdirSync(join(dir, 'r/tensorflow'), { recursive: true });
  writeFileSync(library(), 'library');
  writeFileSync(join(dir, 'r/addon.node'), 'addon');
  utimesSync(library(), 1000, 1000);
  await writeManifest(
    join(dir, 'r'),
    { version: '2.21.0', variant: 'linux-x64-cpu', compiler: 'g++' },
    signal,
  );
});
afterEach(() => rmSync(dir, { recursive: true }));

test('An untouched runtime is intact and its manifest names every file with its content', async () => {
  const state = await checkRuntime(join(dir, 'r'), true);
  expect(state.state).toBe('intact');
  if (state.state !== 'intact') return;
  expect(state.manifest.files.map(({ path, bytes, sha256 }) => [path, bytes, sha256])).toEqual([
    ['addon.node', 5, sha256('addon')],
    ['tensorflow/lib.so', 7, sha256('library')],
  ]);
  expect(installedBytes(state.manifest)).toBe(12);
});

test('A folder that is not there is missing; one without a manifest is damaged', async () => {
  expect(await checkRuntime(join(dir, 'none'), false)).toEqual({ state: 'missing' });
  rmSync(join(dir, 'r/runtime.json'));
  expect(await checkRuntime(join(dir, 'r'), false)).toMatchObject({ state: 'damaged', file: 'runtime.json' });
});

test('A manifest that is cut off anywhere or with any byte flipped is damage: the version that it tells is part of keys', async () => {
  const file = join(dir, 'r/runtime.json');
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at += 1) {
    const flipped = Buffer.from(whole);
    flipped[at] = (whole[at] ?? 0) ^ (1 << (at % 8));
    for (const content of [whole.subarray(0, at), flipped]) {
      writeFileSync(file, content);
      const state = await checkRuntime(join(dir, 'r'), false);
      expect([at, state]).toEqual([at, { state: 'damaged', file: 'runtime.json', how: 'cannot be read' }]);
    }
  }
});

test('A missing file and a file of another size are named', async () => {
  appendFileSync(library(), '!');
  const found = { state: 'damaged', file: 'tensorflow/lib.so' };
  expect(await checkRuntime(join(dir, 'r'), false)).toEqual({ ...found, how: 'has 8 bytes instead of 7' });
  rmSync(library());
  expect(await checkRuntime(join(dir, 'r'), false)).toEqual({ ...found, how: 'is missing' });
});

test('Changed content of the same size is seen by its time, and with an unchanged time by a deep check only', async () => {
  writeFileSync(library(), 'libRary');
  utimesSync(library(), 1000, 1005);
  const damaged = { state: 'damaged', file: 'tensorflow/lib.so', how: 'has changed content' };
  expect(await checkRuntime(join(dir, 'r'), false)).toEqual(damaged);
  utimesSync(library(), 1000, 1000);
  expect((await checkRuntime(join(dir, 'r'), false)).state).toBe('intact');
  expect(await checkRuntime(join(dir, 'r'), true)).toEqual(damaged);
});

test('A copy with other times is hashed and found intact', async () => {
  cpSync(join(dir, 'r'), join(dir, 'copy'), { recursive: true });
  utimesSync(join(dir, 'copy/tensorflow/lib.so'), 1, 1);
  expect((await checkRuntime(join(dir, 'copy'), false)).state).toBe('intact');
});
