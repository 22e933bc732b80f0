import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sha256, type Digest } from '../../base/digest.ts';
import { sealedJson } from '../../base/sealed-json.ts';
import { collect, type Gc, type GcRequest } from '../../cache/gc.ts';
import { removeLeftovers, storeLeftovers } from '../../cache/leftovers.ts';
import { describeSelf } from '../../cache/holder.ts';
import { announceRun } from '../../cache/live-runs.ts';
import { writeWholeStages } from '../../cache/project-needs.ts';
import { registerProject } from '../../cache/projects.ts';
import { openStore } from '../../cache/store.ts';
import { temporaryFor } from '../../cache/temporary.ts';
import type { Store } from '../../cache/types.ts';
import { temporaryFolder } from './helpers.ts';

const hour = 3600_000;
const now = Date.now();

interface Bench {
  readonly project: string;
  readonly store: Store;
  /** Stores a result of these bytes that was used so many hours ago. */
  readonly add: (name: string, text: string, hours: number) => Promise<Digest>;
  readonly gc: (request?: Partial<GcRequest>) => Gc;
  /** Texts whose trees are there. */
  readonly left: () => readonly string[];
}

function bench(root?: string): Bench {
  const project = temporaryFolder();
  const opened = openStore({ root: root ?? join(project, '.ers') });
  if (!opened.ok) throw new Error('no store');
  const store = opened.value;
  registerProject(store.root, project);
  let made = 0;
  return {
    ...{ project, store },
    add: async (name, text, hours) => {
      const file = join(project, 'out.txt');
      writeFileSync(file, text);
      const key = sha256(name);
      const outs = await store.adopt({ out: { path: file, kind: 'file' } });
      store.commit({
        version: 1,
        key,
        inputs: {},
        outs,
        metrics: {},
        made: { stage: 'draw', at: new Date(now + made).toISOString() },
      });
      made += 1;
      store.touch(key);
      const time = (now - hours * hour) / 1000;
      utimesSync(join(store.root, 'used', key), time, time);
      return key;
    },
    gc: (request = {}) => {
      const done = collect(store.root, {
        project,
        now,
        dry: false,
        maxBytes: 0,
        maxAge: 0,
        keep: new Map(),
        ...request,
      });
      if (!done.ok) throw new Error(done.faults.map(({ message }) => message).join());
      return done.value;
    },
    left: () =>
      readdirSync(join(store.root, 'trees'))
        .map((tree) => readFileSync(join(store.root, 'trees', tree, 'out.txt'), 'utf8'))
        .toSorted(),
  };
}

function setCurrent(project: string, key: string): void {
  mkdirSync(join(project, '.ers', 'current'), { recursive: true });
  writeFileSync(join(project, '.ers', 'current', 'draw.json'), JSON.stringify({ key }));
}

it('gc keeps what is current, pinned or relied on by a live run, and the records of all', async () => {
  const { project, store, add, gc, left } = bench();
  const keys = [];
  for (const name of ['current', 'pinned', 'live', 'loose']) keys.push(await add(name, name, 100));
  const [current = '', pinned = '', live = ''] = keys;
  setCurrent(project, current);
  mkdirSync(join(project, '.ers', 'pins'));
  writeFileSync(join(project, '.ers', 'pins', pinned), '');
  const run = announceRun(store.root, 'run');
  run.relyOn(live as Digest);
  expect(gc()).toMatchObject({ type: 'removed', choice: { bytes: 5, keptBytes: 17 } });
  expect(left()).toEqual(['current', 'live', 'pinned']);
  run.leave();
  gc();
  expect(left()).toEqual(['current', 'pinned']);
  expect(keys.every((key) => store.record(key) !== undefined)).toBe(true);
  expect(readdirSync(join(store.root, 'trash'))).toEqual([]);
});

it('what was used last is kept below the cap, and nothing that was used before the first that does not fit', async () => {
  const { add, gc, left } = bench();
  await add('a', 'aaaa', 1);
  await add('b', 'bbbbbb', 2);
  await add('c', 'c', 3);
  const cap = { maxBytes: 9, maxAge: 10 * hour };
  expect(gc({ ...cap, dry: true })).toMatchObject({ type: 'chosen', choice: { bytes: 7 } });
  expect(left()).toHaveLength(3);
  gc(cap);
  expect(left()).toEqual(['aaaa']);
});

it('what was not used for longer than the limit goes, however small', async () => {
  const { add, gc, left } = bench();
  await add('a', 'a', 5);
  await add('b', 'b', 7);
  gc({ maxBytes: 1e9, maxAge: 6 * hour });
  expect(left()).toEqual(['a']);
});

it('a tree that a kept result shares with a removed one stays', async () => {
  const { project, add, gc, left } = bench();
  await add('old', 'same', 100);
  setCurrent(project, await add('new', 'same', 1));
  gc();
  expect(left()).toEqual(['same']);
});

it('in a shared store the current results of every project that used it are kept', async () => {
  const root = join(temporaryFolder(), 'store');
  const [one, two] = [bench(root), bench(root)];
  setCurrent(one.project, await one.add('one', 'one', 100));
  setCurrent(two.project, await two.add('two', 'two', 100));
  await two.add('loose', 'loose', 100);
  one.gc();
  expect(one.left()).toEqual(['one', 'two']);
});

it('a project that cannot be asked stops gc, which names it and removes nothing', async () => {
  const root = join(temporaryFolder(), 'store');
  const [one, two] = [bench(root), bench(root)];
  await two.add('loose', 'loose', 100);
  const current = join(two.project, '.ers', 'current');
  const refused = /A project that uses this store cannot be asked what it needs: .*Nothing was removed/;
  setCurrent(two.project, 'cut off');
  expect(() => one.gc()).toThrow(/names no result/);
  rmSync(current, { recursive: true });
  expect(() => one.gc()).toThrow(refused);
  expect(one.left()).toEqual(['loose']);
});

it('an own current file that is damaged stops gc too', async () => {
  const { project, add, gc, left } = bench();
  await add('loose', 'loose', 100);
  setCurrent(project, 'cut off');
  expect(() => gc()).toThrow(/draw\.json names no result/);
  expect(left()).toEqual(['loose']);
});

it('keep: all is kept beyond the cap, keep: last only the newest made, keep: none not even what was used this moment', async () => {
  const { add, gc, left } = bench();
  await add('old', 'old', 3);
  await add('new', 'new', 100);
  const keep = (word: 'all' | 'last' | 'none') =>
    gc({ maxBytes: 1e9, maxAge: 1e9, keep: new Map([['draw', word]]) });
  gc({ keep: new Map([['draw', 'all']]) });
  expect(left()).toEqual(['new', 'old']);
  keep('last');
  expect(left()).toEqual(['new']);
  keep('none');
  expect(left()).toEqual([]);
});

it('of two projects in one store the one that keeps all of a stage is heard', async () => {
  const root = join(temporaryFolder(), 'store');
  const [one, two] = [bench(root), bench(root)];
  await one.add('one', 'one', 100);
  writeWholeStages(two.project, ['draw']);
  one.gc({ keep: new Map([['draw', 'none']]) });
  expect(one.left()).toEqual(['one']);
  writeFileSync(join(two.project, '.ers', 'keep.json'), '{"all":[');
  expect(() => one.gc()).toThrow(/keep\.json is damaged\. Nothing was removed/);
  writeWholeStages(two.project, []);
  one.gc();
  expect(one.left()).toEqual([]);
});

it('the results of a kept experiment stay; a file of one that is damaged at any byte removes nothing', async () => {
  const { project, add, gc, left } = bench();
  const [kept] = [await add('kept', 'kept', 100), await add('loose', 'loose', 100)];
  const folder = join(project, '.ers', 'experiments');
  const text = sealedJson({ version: 1, stages: { draw: kept } });
  mkdirSync(folder);
  for (let end = 0; end < text.length; end += 1) {
    writeFileSync(join(folder, 'night.json'), text.slice(0, end));
    expect(() => gc()).toThrow(/night\.json is damaged\. Nothing was removed/);
  }
  expect(left()).toEqual(['kept', 'loose']);
  writeFileSync(join(folder, 'night.json'), text);
  gc();
  expect(left()).toEqual(['kept']);
  rmSync(join(folder, 'night.json'));
  gc();
  expect(left()).toEqual([]);
});

it('while a run stores something nothing is removed, since it may rely on any tree', async () => {
  const { store, add, gc, left } = bench();
  await add('loose', 'loose', 100);
  const run = announceRun(store.root, 'run');
  run.storing();
  expect(gc()).toMatchObject({ type: 'busy', run: { id: 'run' } });
  expect(left()).toEqual(['loose']);
  run.stored();
  gc();
  expect(left()).toEqual([]);
  run.leave();
});

it('what the inputs of a live attempt lead to is kept', async () => {
  const { store, add, gc, left } = bench();
  const key = await add('loose', 'loose', 100);
  const out = store.record(key)?.outs['out'];
  if (out === undefined) throw new Error('no record');
  const attempt = join(store.root, 'attempts', 'a');
  mkdirSync(join(attempt, 'deps'), { recursive: true });
  symlinkSync(store.pathOf(out), join(attempt, 'deps', 'text'));
  writeFileSync(join(attempt, 'holder.json'), JSON.stringify(describeSelf('a')));
  gc();
  expect(left()).toEqual(['loose']);
  writeFileSync(join(attempt, 'holder.json'), JSON.stringify({ ...describeSelf('a'), bootId: 'before' }));
  gc();
  expect(left()).toEqual([]);
});

it('a run on another host cannot be judged and counts as live, one from before the last boot does not', async () => {
  const { store, add, gc, left } = bench();
  const key = await add('loose', 'loose', 100);
  const file = join(store.root, 'live', 'elsewhere');
  const run = announceRun(store.root, 'elsewhere');
  run.relyOn(key);
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  const holder = JSON.parse(first) as object;
  writeFileSync(file, [JSON.stringify({ ...holder, host: 'other:0' }), ...rest].join('\n'));
  gc();
  expect(left()).toEqual(['loose']);
  writeFileSync(file, [JSON.stringify({ ...holder, bootId: 'before' }), ...rest].join('\n'));
  gc();
  expect(left()).toEqual([]);
});

it('leftovers of dead writers and old damaged trees go, living ones and fresh ones stay', () => {
  const { store } = bench();
  const workspace = temporaryFor(join(store.root, 'incoming', 'w'));
  mkdirSync(workspace);
  // No process has this number; its boot and host are this one's.
  const dead = workspace.replace(`-${process.pid}-`, '-4999999-');
  mkdirSync(dead);
  mkdirSync(join(store.root, 'quarantine', 't'));
  mkdirSync(join(store.root, 'attempts', 'a', 'checkpoint'), { recursive: true });
  mkdirSync(join(store.root, 'attempts', 'b', 'checkpoint'), { recursive: true });
  writeFileSync(join(store.root, 'attempts', 'b', 'checkpoint', 'c'), 'x');
  expect(storeLeftovers(store.root, now)).toEqual([{ path: dead, bytes: expect.any(Number) as number }]);
  const later = now + 8 * 24 * hour;
  const found = storeLeftovers(store.root, later);
  expect(found.map(({ path }) => path.slice(store.root.length + 1))).toEqual([
    ...[dead.slice(store.root.length + 1), 'quarantine/t', 'attempts/a'],
  ]);
  removeLeftovers(store.root, found);
  expect(existsSync(join(store.root, 'quarantine', 't'))).toBe(false);
  expect(existsSync(join(store.root, 'attempts', 'b'))).toBe(true);
});
