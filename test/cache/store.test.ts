import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { openStore } from '../../cache/store.ts';
import type { StageRecord, Store, StoredOut } from '../../cache/types.ts';
import { openReaders, type Readers } from '../../cache/verify/readers.ts';
import { verifyTrees, type VerifiedTree } from '../../cache/verify/verify-store.ts';
import { faultsOf, temporaryFolder } from './helpers.ts';

let folder: string;
let store: Store;

beforeEach(() => {
  folder = temporaryFolder();
  store = open();
});

function open(): Store {
  const opened = openStore({ root: join(folder, 'store') });
  if (!opened.ok) throw new Error(JSON.stringify(opened.faults));
  return opened.value;
}

let made = 0;
/** Writes files below a new folder, as a stage would, and returns the folder. */
function outs(files: Readonly<Record<string, string>>): string {
  const root = join(folder, `out-${(made += 1)}`);
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function adoptFolder(files: Readonly<Record<string, string>>): Promise<StoredOut> {
  const { out } = await store.adopt({ out: { path: outs(files), kind: 'folder' } });
  if (out === undefined) throw new Error('nothing was adopted');
  return out;
}

async function adoptFile(text: string): Promise<StoredOut> {
  const { out } = await store.adopt({ out: { path: join(outs({ file: text }), 'file'), kind: 'any' } });
  if (out === undefined) throw new Error('nothing was adopted');
  return out;
}

/** Changes a stored file as a stray program would. */
function damage(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

describe('adopt', () => {
  test('moves a folder into trees/ with read-only files and a manifest', async () => {
    const out = await adoptFolder({ 'b/c.txt': 'two', 'a.txt': 'one' });
    expect(out).toMatchObject({ kind: 'folder', files: 2, bytes: 6, digest: out.tree });
    expect(store.pathOf(out)).toBe(join(folder, 'store', 'trees', out.tree));
    expect(readFileSync(join(store.pathOf(out), 'b/c.txt'), 'utf8')).toBe('two');
    expect(statSync(join(store.pathOf(out), 'a.txt')).mode & 0o777).toBe(0o444);
    expect(statSync(join(store.pathOf(out), 'b')).mode & 0o777).toBe(0o755);
    expect(store.manifest(out.tree)).toEqual([
      { path: 'a.txt', bytes: 3, digest: sha256('one') },
      { path: 'b/c.txt', bytes: 3, digest: sha256('two') },
    ]);
    expect(await store.check(out)).toEqual({ state: 'intact' });
  });

  test('stores a single file under its own digest, whatever its name was', async () => {
    const out = await adoptFile('hello');
    expect(out).toMatchObject({ kind: 'file', digest: sha256('hello'), files: 1, bytes: 5 });
    expect(readFileSync(store.pathOf(out), 'utf8')).toBe('hello');
    expect(store.manifest(out.tree)).toEqual([{ path: 'file', bytes: 5, digest: sha256('hello') }]);
  });

  test('keeps the name of a file out, so that whoever follows its link sees the suffix', async () => {
    const path = join(folder, 'report.html');
    writeFileSync(path, '<p>');
    const { out } = await store.adopt({ out: { path, kind: 'file' } });
    expect(out && store.pathOf(out).endsWith(`${out.tree}/report.html`)).toBe(true);
  });

  test('tells a file from a folder that holds that file alone, though they share a tree', async () => {
    const file = await adoptFile('same');
    const inFolder = await adoptFolder({ file: 'same' });
    expect(file.tree).toBe(inFolder.tree);
    expect(file.digest).not.toBe(inFolder.digest);
    expect([store.pathOf(file), store.pathOf(inFolder)].map((path) => statSync(path).isFile())).toEqual([
      true,
      false,
    ]);
    expect(await store.check(file)).toEqual({ state: 'intact' });
    expect(await store.check(inFolder)).toEqual({ state: 'intact' });
  });

  test('keeps one tree when the same content comes twice, and leaves no workspace behind', async () => {
    const first = await adoptFolder({ a: '1', b: '2' });
    const second = await adoptFolder({ b: '2', a: '1' });
    expect(second).toEqual(first);
    expect(readdirSync(join(folder, 'store', 'trees'))).toEqual([first.tree]);
    expect(readdirSync(join(folder, 'store', 'incoming'))).toEqual([]);
  });

  test('stores more files than are synced one by one', async () => {
    const out = await adoptFolder(
      Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`f${n}`, `${n}`])),
    );
    expect(out.files).toBe(250);
    expect(await open().check(out)).toEqual({ state: 'intact' });
  });

  test('drops empty folders, which no manifest names', async () => {
    const path = outs({ 'a/b/f': '1' });
    for (const empty of ['a/none', 'x/y/z']) mkdirSync(join(path, empty), { recursive: true });
    const { out } = await store.adopt({ out: { path, kind: 'folder' } });
    if (out === undefined) throw new Error('nothing was adopted');
    expect(readdirSync(store.pathOf(out), { recursive: true }).toSorted()).toEqual(['a', 'a/b', 'a/b/f']);
  });

  test('gives trees and records the same modes whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      const out = await adoptFile('hello');
      const key = sha256('umask');
      store.commit({ version: 1, key, inputs: {}, outs: { out }, metrics: {}, made: {} });
      const mode = (...path: readonly string[]) => statSync(join(folder, 'store', ...path)).mode & 0o777;
      expect([mode('trees', out.tree), mode('trees', out.tree, 'file')]).toEqual([0o755, 0o444]);
      expect([mode('records', key), mode('records', key, '1.json')]).toEqual([0o755, 0o644]);
      expect(mode('manifests', out.tree)).toBe(0o644);
    } finally {
      process.umask(before);
    }
  });

  test('copies a file that has other hard links without touching a neighbour of whatever name', async () => {
    const path = outs({ f: 'shared', 'f.ers-copy': 'own', 'f.copy': 'own' });
    linkSync(join(path, 'f'), join(folder, 'elsewhere'));
    const { out } = await store.adopt({ out: { path, kind: 'folder' } });
    if (out === undefined) throw new Error('nothing was adopted');
    const read = (name: string) => readFileSync(join(store.pathOf(out), name), 'utf8');
    expect([read('f'), read('f.ers-copy'), read('f.copy')]).toEqual(['shared', 'own', 'own']);
    expect(statSync(join(folder, 'elsewhere')).mode & 0o200).toBe(0o200);
  });

  test('stores an empty folder', async () => {
    const out = await adoptFolder({});
    expect(out).toMatchObject({ files: 0, bytes: 0 });
    expect(await store.check(out)).toEqual({ state: 'intact' });
    expect(await adoptFolder({})).toEqual(out);
  });

  describe('of a damaged tree that is moved aside and made again while it is read', () => {
    let out: StoredOut;
    let swap: () => void;

    beforeEach(async () => {
      out = await adoptFolder({ a: 'good' });
      const tree = store.pathOf(out);
      const again = join(folder, 'again');
      cpSync(tree, again, { recursive: true });
      damage(join(tree, 'a'), 'evil');
      swap = () => {
        if (!existsSync(again)) return;
        renameSync(tree, join(folder, 'aside'));
        renameSync(again, tree);
      };
    });

    test('says what is there in the end', async () => {
      expect(await store.check(out, { progress: swap })).toEqual({ state: 'intact' });
    });

    test('verify says the same', async () => {
      const readers = openReaders('', 0);
      const told: VerifiedTree[] = [];
      const swapping: Readers = {
        hash: async (paths) => {
          const hashes = await readers.hash(paths);
          swap();
          return hashes;
        },
        bytes: 0,
        close: () => readers.close(),
      };
      await verifyTrees(store.root, [out.tree], swapping, (verified) => told.push(verified));
      expect(told).toEqual([{ tree: out.tree, state: 'intact', files: 1, bytes: 4 }]);
    });
  });

  test('replaces a damaged tree of the same name by the good one and keeps the damaged one aside', async () => {
    const out = await adoptFolder({ a: 'good' });
    damage(join(store.pathOf(out), 'a'), 'evil');
    await adoptFolder({ a: 'good' });
    expect(readFileSync(join(store.pathOf(out), 'a'), 'utf8')).toBe('good');
    expect(readdirSync(join(folder, 'store', 'quarantine'))).toHaveLength(1);
  });

  test('replaces a link of a tree that lies elsewhere, if that is gone or damaged', async () => {
    const files = { a: 'one' };
    const tree = store.pathOf(await adoptFolder(files));
    const elsewhere = join(folder, 'elsewhere');
    renameSync(tree, elsewhere);
    symlinkSync(elsewhere, tree);
    expect(await store.check(await adoptFolder(files))).toEqual({ state: 'intact' });
    damage(join(elsewhere, 'a'), 'bad');
    await adoptFolder(files);
    expect(readFileSync(join(tree, 'a'), 'utf8')).toBe('one');
    expect(readFileSync(join(elsewhere, 'a'), 'utf8')).toBe('bad');
    rmSync(tree, { recursive: true });
    symlinkSync(join(folder, 'gone'), tree);
    const out = await adoptFolder(files);
    expect(lstatSync(tree).isDirectory()).toBe(true);
    expect(await store.check(out)).toEqual({ state: 'intact' });
  });

  test('copies a file with other hard links, so that its other name keeps its mode and bytes', async () => {
    const root = outs({});
    const users = join(folder, 'mine.txt');
    writeFileSync(users, 'mine', { mode: 0o640 });
    linkSync(users, join(root, 'linked'));
    const { out } = await store.adopt({ out: { path: root, kind: 'folder' } });
    expect(statSync(users).mode & 0o777).toBe(0o640);
    writeFileSync(users, 'else');
    expect(out && readFileSync(join(store.pathOf(out), 'linked'), 'utf8')).toBe('mine');
  });

  test('keeps a relative link inside the out and stores what it shows', async () => {
    const root = outs({ 'epoch-3/weights': 'w' });
    symlinkSync('epoch-3/weights', join(root, 'latest'));
    const { out } = await store.adopt({ out: { path: root, kind: 'folder' } });
    expect(out && readFileSync(join(store.pathOf(out), 'latest'), 'utf8')).toBe('w');
    expect(out && store.manifest(out.tree)?.map((entry) => entry.path)).toEqual([
      'epoch-3/weights',
      'latest',
    ]);
  });

  test.each([
    ['a relative link that leaves the out', '../../secret'],
    ['an absolute link', '/etc/hostname'],
    ['a link to nothing', 'nowhere'],
    ['a link to itself', 'link'],
  ])('refuses %s and moves nothing', async (_, target) => {
    writeFileSync(join(folder, 'secret'), 's');
    const root = outs({ a: '1' });
    symlinkSync(target, join(root, 'link'));
    const faults = await faultsOf(store.adopt({ out: { path: root, kind: 'folder' } }));
    expect(faults).toMatchObject([{ code: 'ERS_OUT_KIND', place: { file: join(root, 'link') } }]);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('1');
    expect(readdirSync(join(folder, 'store', 'trees'))).toEqual([]);
  });

  test('names every faulty out at once: missing, of the wrong kind, with a FIFO', async () => {
    const root = outs({ 'good.txt': '1', 'folder/x': '2' });
    execFileSync('mkfifo', [join(root, 'folder', 'pipe')]);
    const faults = await faultsOf(
      store.adopt({
        good: { path: join(root, 'good.txt'), kind: 'file' },
        gone: { path: join(root, 'gone.txt'), kind: 'file' },
        table: { path: join(root, 'good.txt'), kind: 'folder' },
        pictures: { path: join(root, 'folder'), kind: 'folder' },
      }),
    );
    expect(faults.map(({ code, message }) => `${code} ${message}`)).toEqual([
      `ERS_OUT_MISSING Output gone was not written: expected a file at ${root}/gone.txt.`,
      `ERS_OUT_KIND Output table: ${root}/good.txt is a file, expected a folder.`,
      `ERS_OUT_KIND Output pictures: ${root}/folder/pipe is a FIFO, expected plain files.`,
    ]);
    expect(existsSync(join(root, 'good.txt'))).toBe(true);
  });

  test('stores names with spaces, quotes, newlines, non-Latin letters and bytes that are no UTF-8', async () => {
    const root = outs({ 'a b': '1', '"q"': '2', 'n\nl': '3', вода: '4' });
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0x66, 0xff)]), '5');
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0x66, 0xfe)]), '6');
    symlinkSync('a b', Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0x6c, 0xff)]));
    const { out } = await store.adopt({ out: { path: root, kind: 'folder' } });
    if (out === undefined) throw new Error('nothing was adopted');
    expect(out.files).toBe(7);
    expect(store.manifest(out.tree)?.map((entry) => entry.path)).toEqual([
      '"q"',
      'a b',
      'f\udcfe',
      'f\udcff',
      'l\udcff',
      'n\nl',
      'вода',
    ]);
    await store.save();
    expect(await open().check(out)).toEqual({ state: 'intact' });
  });
});

describe('check', () => {
  test('finds a changed, a missing and an extra file by name', async () => {
    const out = await adoptFolder({ a: '1', 'b/c': '2' });
    const path = store.pathOf(out);
    damage(join(path, 'b/c'), 'X');
    expect(await store.check(out)).toEqual({ state: 'damaged', file: 'b/c' });
    damage(join(path, 'b/c'), '2');
    expect(await store.check(out)).toEqual({ state: 'intact' });
    writeFileSync(join(path, 'extra'), '');
    expect(await store.check(out)).toEqual({ state: 'damaged', file: 'extra' });
    expect(store.quarantine(out.tree)).toContain(join('store', 'quarantine', out.tree));
    expect(await store.check(out)).toEqual({ state: 'damaged', file: '', gone: true });
  });

  test('trusts a tree that this host hashed without reading it, also after a restart', async () => {
    const out = await adoptFolder({ a: '1' });
    await store.save();
    const reads: number[] = [];
    expect(await open().check(out, { progress: ({ files }) => reads.push(files) })).toEqual({
      state: 'intact',
    });
    expect(reads).toEqual([]);
  });

  test('hashes a tree that this host does not know', async () => {
    const out = await adoptFolder({ a: '1' });
    const reads: number[] = [];
    expect(await open().check(out, { progress: ({ files }) => reads.push(files) })).toEqual({
      state: 'intact',
    });
    expect(reads).toEqual([1]);
  });

  test('restores a lost or damaged manifest from the tree', async () => {
    const out = await adoptFolder({ a: '1' });
    const file = join(folder, 'store', 'manifests', out.tree);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"a"', '"b"'));
    const fresh = open();
    expect(fresh.manifest(out.tree)).toBeUndefined();
    expect(await fresh.check(out)).toEqual({ state: 'intact' });
    expect(fresh.manifest(out.tree)).toHaveLength(1);
  });
});

describe('records', () => {
  const key = sha256('key');
  const record = async (seed: number): Promise<StageRecord> => ({
    version: 1,
    key,
    inputs: { params: { seed }, name: 'ä\n"' },
    outs: { out: await adoptFile('x') },
    metrics: { iou: 0.5 },
    made: { seconds: 1 },
  });

  test('come back as they were committed, the newest first', async () => {
    expect(store.record(key)).toBeUndefined();
    store.commit(await record(1));
    store.commit(await record(2));
    expect(open().record(key)).toEqual(await record(2));
    expect(readdirSync(join(folder, 'store', 'records', key))).toEqual(['1.json', '2.json']);
    expect(store.record(sha256('other'))).toBeUndefined();
  });

  test('with any byte flipped or cut off anywhere are passed over for the one before', async () => {
    store.commit(await record(1));
    store.commit(await record(2));
    const file = join(folder, 'store', 'records', key, '2.json');
    const good = readFileSync(file);
    const seed = (): unknown => store.record(key)?.inputs;
    const first = (await record(1)).inputs;
    chmodSync(file, 0o644);
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad.writeUInt8((good[at] ?? 0) ^ 0x01, at);
      writeFileSync(file, bad);
      expect(seed(), `byte ${at} flipped`).toEqual(first);
      writeFileSync(file, good.subarray(0, at));
      expect(seed(), `cut at ${at}`).toEqual(first);
    }
    writeFileSync(file, good);
    expect(seed()).not.toEqual(first);
  });

  test('of another key or version are passed over', async () => {
    const other = sha256('other');
    store.commit(await record(1));
    mkdirSync(join(folder, 'store', 'records', other));
    const text = readFileSync(join(folder, 'store', 'records', key, '1.json'), 'utf8');
    writeFileSync(join(folder, 'store', 'records', other, '1.json'), text);
    expect(store.record(other)).toBeUndefined();
    store.commit({ ...(await record(3)), version: 2 } as unknown as StageRecord);
    expect(store.record(key)?.inputs).toEqual((await record(1)).inputs);
  });

  test('touch stamps the use of a key', () => {
    store.touch(key);
    store.touch(key);
    expect(readdirSync(join(folder, 'store', 'used'))).toEqual([key]);
  });
});

test('a store cannot be opened where a file lies', () => {
  writeFileSync(join(folder, 'taken'), '');
  const opened = openStore({ root: join(folder, 'taken') });
  expect(opened).toMatchObject({ ok: false, faults: [{ code: 'ERS_STORE_DAMAGED' }] });
});

test.each([
  ['below a file', 'taken/store', 'ENOTDIR'],
  ['under a name that is too long', 'x'.repeat(300), 'ENAMETOOLONG'],
])('a store cannot be made %s', (_where, name, errno) => {
  writeFileSync(join(folder, 'taken'), '');
  const root = join(folder, name);
  expect(openStore({ root })).toEqual({
    ok: false,
    faults: [
      {
        code: 'ERS_USAGE',
        message: `The store ${root} cannot be made: no folder can lie there (${errno}).`,
        place: { file: root },
        hint: 'Name a folder on a disk with `store:` or ERS_STORE.',
      },
    ],
  });
});

test('a store in a folder that takes no others is refused at once', () => {
  // Only root may try: the system lets it, and answers as if the folder were not there.
  const code = process.getuid?.() === 0 ? 'ERS_USAGE' : 'ERS_STORE_READ_ONLY';
  expect(openStore({ root: '/proc/store' })).toMatchObject({ ok: false, faults: [{ code }] });
});

test.each(['trees', 'records', 'incoming'])(
  'a store whose %s is a file is damaged, and says where',
  (name) => {
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', name), '');
    expect(openStore({ root: join(folder, 'other') })).toMatchObject({
      ok: false,
      faults: [{ code: 'ERS_STORE_DAMAGED', place: { file: join(folder, 'other', name) } }],
    });
  },
);

test('a tree that was never stored is missing', async () => {
  const tree = sha256('none');
  const out: StoredOut = { tree, digest: tree, kind: 'folder', file: null, files: 0, bytes: 0 };
  expect(await store.check(out)).toEqual({ state: 'missing' });
  expect(store.manifest(tree)).toBeUndefined();
});
