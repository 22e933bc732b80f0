import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { openStatIndex } from '../../cache/stat-index.ts';
import { openStore } from '../../cache/store.ts';
import type { Store } from '../../cache/types.ts';
import { faultsOf, temporaryFolder } from './helpers.ts';
import { mount } from './mount.ts';

function open(root: string): Store {
  const opened = openStore({ root });
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults));
  return opened.value;
}

function write(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('on another file system than the attempt', () => {
  test('outs are copied into the store and taken from the attempt', async (context) => {
    const folder = temporaryFolder();
    const store = open(join(mount(context, folder, '-t', 'tmpfs', '-o', 'size=4m', 'ers'), 'store'));
    write(join(folder, 'out', 'deep'), 'a', 'text');
    const { out } = await store.adopt({ out: { path: join(folder, 'out'), kind: 'folder' } });
    expect(out && readFileSync(join(store.pathOf(out), 'deep/a'), 'utf8')).toBe('text');
    expect(readdirSync(folder)).toEqual(['mounted']);
  });
});

describe('on a full disk', () => {
  test('adopt and commit say so and leave nothing half-written', async (context) => {
    const folder = temporaryFolder();
    const disk = mount(context, folder, '-t', 'tmpfs', '-o', 'size=1m', 'ers');
    const root = join(disk, 'store');
    const store = open(root);
    const out = { path: write(join(folder, 'out'), 'a', 'x'.repeat(2 << 20)), kind: 'file' as const };
    const faults = await faultsOf(store.adopt({ out }));
    expect(faults).toMatchObject([{ code: 'ERS_DISK_FULL', place: { file: root } }]);
    expect(faults[0]?.hint).toContain('Free some space');
    expect(readdirSync(join(root, 'trees'))).toEqual([]);
    expect(readdirSync(join(root, 'incoming'))).toEqual([]);

    spawnSync('sh', ['-c', 'cat /dev/zero > "$0"', join(disk, 'ballast')]);
    const key = sha256('key');
    const record = { version: 1, key, inputs: {}, outs: {}, metrics: {}, made: {} } as const;
    expect(() => store.commit(record)).toThrow(/^ERS_DISK_FULL: /);
    expect(store.record(key)).toBeUndefined();
    expect(readdirSync(join(root, 'incoming'))).toEqual([]);
  });
});

describe('on a read-only disk', () => {
  test('what is stored can be read and checked, and nothing can be written', async (context) => {
    const folder = temporaryFolder();
    const disk = mount(context, folder, '-t', 'tmpfs', '-o', 'size=4m', 'ers');
    const root = join(disk, 'store');
    const first = open(root);
    const path = write(join(folder, 'out'), 'a', 'text');
    const { out } = await first.adopt({ out: { path, kind: 'file' } });
    if (out === undefined) throw new Error('nothing was adopted');
    const key = sha256('key');
    const record = { version: 1, key, inputs: {}, outs: { out }, metrics: {}, made: {} } as const;
    first.commit(record);
    spawnSync('mount', ['-o', 'remount,ro', disk]);

    const store = open(root);
    expect(store.readOnly).toBe(true);
    expect(store.record(key)).toEqual(record);
    expect(await store.check(out)).toEqual({ state: 'intact' });
    expect(readFileSync(store.pathOf(out), 'utf8')).toBe('text');
    store.touch(key);
    await store.save();
    expect(() => store.commit(record)).toThrow(/^ERS_STORE_READ_ONLY: /);
    expect(() => store.quarantine(out.tree)).toThrow(/^ERS_STORE_READ_ONLY: /);
    const again = { path: write(join(folder, 'out'), 'b', 'text'), kind: 'file' as const };
    expect(await faultsOf(store.adopt({ again }))).toMatchObject([{ code: 'ERS_STORE_READ_ONLY' }]);
    expect(readFileSync(again.path, 'utf8')).toBe('text');

    const index = openStatIndex({ file: join(root, 'index') });
    expect(await index.find(again.path)).toMatchObject({ digest: sha256('text') });
    await index.save();
    expect(openStore({ root: join(disk, 'none') })).toMatchObject({
      ok: false,
      faults: [{ code: 'ERS_STORE_READ_ONLY' }],
    });
  });
});

test('a store whose folders this user may not write to is read-only', async (context) => {
  context.skip(process.getuid?.() === 0, 'root may write everywhere');
  const folder = temporaryFolder();
  const root = join(folder, 'store');
  const path = write(join(folder, 'out'), 'a', 'text');
  const { out } = await open(root).adopt({ out: { path, kind: 'file' } });
  for (const place of [root, join(root, 'trees')]) chmodSync(place, 0o555);
  onTestFinished(() => [root, join(root, 'trees')].forEach((place) => chmodSync(place, 0o755)));
  const store = open(root);
  expect(store.readOnly).toBe(true);
  expect(out && (await store.check(out))).toEqual({ state: 'intact' });
});

describe('on a file system that stamps coarsely or not', () => {
  test('an edit right after hashing is found although size and mtime are put back', async (context) => {
    const folder = temporaryFolder();
    const disk = mount(context, folder, '-t', 'ramfs', 'ers');
    const path = write(disk, 'a', '0');
    const file = join(disk, 'index');
    for (let edit = 1; edit <= 20; edit += 1) {
      utimesSync(path, 5, 5);
      const index = openStatIndex({ file });
      await index.find(path);
      await index.save();
      write(disk, 'a', String(edit % 10));
      utimesSync(path, 5, 5);
      expect(await openStatIndex({ file }).find(path)).toMatchObject({ digest: sha256(String(edit % 10)) });
    }
  });
});
