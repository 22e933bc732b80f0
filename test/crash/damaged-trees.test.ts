import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256, type Digest } from '../../base/digest.ts';
import { openStatIndex } from '../../cache/stat-index.ts';
import type { Pipeline } from '../../engine/definition/types.ts';
import { run } from '../../engine/index.ts';
import { open, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../engine/pipelines.ts';
import { stepped } from '../stepped/stage.ts';

const sketches: Readonly<Record<string, Sketch>> = {
  first: { cmd: 'echo one > {outs.out}/a; echo two > {outs.out}/b', outs: { out: 'out/' } },
  second: {
    cmd: 'cat {deps.in}/* {deps.more} > {outs.out}',
    deps: { in: 'first:out', more: 'more' },
    outs: { out: 'o' },
  },
};

async function made(): Promise<Pipeline> {
  const root = tempFolder();
  write(root, 'more', '1\n');
  const pipeline = pipelineOf(root, sketches);
  expect((await runOnce(pipeline)).code).toBe(0);
  return pipeline;
}

/** What may befall `a` of a stored folder. Each says whether the content is another one. */
const deeds: readonly (readonly [string, (file: string) => void, boolean])[] = [
  ['a flipped byte with the time put back', (file) => edit(file, () => writeFileSync(file, 'oNe\n')), true],
  ['a file cut short', (file) => edit(file, () => truncateSync(file, 1)), true],
  ['a file missing', (file) => rmSync(file), true],
  ['a file too many', (file) => writeFileSync(join(dirname(file), 'c'), ''), true],
  ['a file renamed', (file) => renameSync(file, `${file}2`), true],
  [
    'a link to other bytes in place of a file',
    (file) => swap(file, () => symlinkSync('/etc/passwd', file)),
    true,
  ],
  ['a link that leads nowhere', (file) => swap(file, () => symlinkSync('nowhere', file)), true],
  ['a folder in place of a file', (file) => swap(file, () => mkdirSync(file)), true],
  ['a FIFO in place of a file', (file) => swap(file, () => spawnSync('mkfifo', [file])), true],
  ['another mode', (file) => chmodSync(file, 0o755), false],
  ['another time', (file) => utimesSync(file, 5, 5), false],
  ['the same bytes in a new file', (file) => swap(file, () => writeFileSync(file, 'one\n')), false],
];

function edit(file: string, change: () => void): void {
  const { atime, mtime } = statSync(file);
  chmodSync(file, 0o644);
  change();
  chmodSync(file, 0o444);
  utimesSync(file, atime, mtime);
}

function swap(file: string, put: () => void): void {
  rmSync(file);
  put();
}

describe('a stored folder with', () => {
  test.each(deeds)('%s is found before it is given out as a result', async (_, deed, damaged) => {
    const pipeline = await made();
    deed(join(realpathSync(join(pipeline.root, 'artifacts/first/out')), 'a'));
    const ran = await runOnce(pipeline);
    expect(ran.code).toBe(0);
    expect(ran.story).toEqual(damaged ? ['first made', 'second cached'] : ['first cached', 'second cached']);
    expect(read(pipeline.root, 'artifacts/first/out/a')).toBe('one\n');
    expect(readdirSync(join(pipeline.root, 'artifacts/first/out')).toSorted()).toEqual(['a', 'b']);
    expect(readdirSync(join(pipeline.store, 'quarantine'))).toHaveLength(damaged ? 1 : 0);
  });

  test.each(deeds)('%s is found before a stage reads it', async (_, deed, damaged) => {
    const pipeline = await made();
    deed(join(realpathSync(join(pipeline.root, 'artifacts/first/out')), 'a'));
    write(pipeline.root, 'more', '2\n');
    const ran = await runOnce(pipeline);
    expect(ran.story).toEqual([damaged ? 'first made' : 'first cached', 'second made']);
    expect(read(pipeline.root, 'artifacts/second/o')).toBe('one\ntwo\n2\n');
  });
});

test('a tree that is damaged and moved aside while a stage reads it leaves no record, and the next run is right', async () => {
  const root = tempFolder();
  const stage = await stepped();
  const pipeline = pipelineOf(root, {
    first: { cmd: 'echo one > {outs.out}', outs: { out: 'a.txt' } },
    second: {
      cmd: stage.cmd({ in: '{deps.in}', out: '{outs.out}' }),
      deps: { in: 'first:out' },
      outs: { out: 'b.txt' },
    },
  });
  const running = runOnce(pipeline);
  const life = await stage.started();
  const file = realpathSync(join(root, 'artifacts/first/a.txt'));
  edit(file, () => writeFileSync(file, 'bad\n'));
  await life.write('out', await life.read('in'));
  open(pipeline).store.quarantine(dirname(file).slice(-64) as Digest);
  await life.finish();
  const ran = await running;
  expect(ran.code).toBe(1);
  expect(ran.outcomes['second']).toMatchObject({
    type: 'failed',
    faults: [{ code: 'ERS_INPUT_CHANGED' }, { code: 'ERS_INPUT_CHANGED' }],
  });
  const again = runOnce(pipeline);
  const next = await stage.started();
  await next.write('out', await next.read('in'));
  await next.finish();
  expect((await again).story).toEqual(['first made', 'second made']);
  expect(read(root, 'artifacts/second/b.txt')).toBe('one\n');
});

test('a result that is made again by force leaves whoever reads the former one its bytes', async () => {
  const root = tempFolder();
  const lives = join(root, 'lives');
  writeFileSync(lives, '');
  const unlike = pipelineOf(root, {
    draw: {
      cmd: ['sh', '-c', `echo x >> '${lives}'; cat '${lives}' > "$1"`, 'sh', '{outs.out}'],
      outs: { out: 'o' },
    },
  });
  await runOnce(unlike);
  const former = realpathSync(join(root, 'artifacts/draw/o'));
  const reader = openSync(former, 'r');
  const forced = await runOnce(unlike, { force: true });
  expect(forced.outcomes['draw']).toMatchObject({ type: 'made', same: false });
  const buffer = Buffer.alloc(10);
  expect(buffer.toString('utf8', 0, readSync(reader, buffer))).toBe('x\n');
  closeSync(reader);
  expect(readFileSync(former, 'utf8')).toBe('x\n');
  expect(read(root, 'artifacts/draw/o')).toBe('x\nx\n');
  const { ino } = statSync(join(root, 'artifacts/draw/o'));
  const like = pipelineOf(root, { draw: { cmd: `printf 'x\\nx\\n' > {outs.out}`, outs: { out: 'o' } } });
  await runOnce(like);
  await runOnce(like, { force: true });
  // The same bytes are one tree: the one that lies there, which somebody may be reading, stays.
  expect(statSync(join(root, 'artifacts/draw/o')).ino).toBe(ino);
});

describe('with the clock set back', () => {
  const year = 365 * 24 * 3600e3;

  function runAt(pipeline: Pipeline, time: number): Promise<number> {
    return run(
      { ...open(pipeline), now: () => time },
      { targets: [], force: false, only: false },
      { emit: () => undefined, signal: new AbortController().signal, jobs: 2, cores: 1 },
    );
  }

  test('by a year, a run sees each edit and keeps what is current', async () => {
    const root = tempFolder();
    write(root, 'more', '1\n');
    const pipeline = pipelineOf(root, sketches);
    const now = Date.now();
    for (const [at, text] of [now, now - year, now - 2 * year, now + year].map(
      (time, n) => [time, `${n}\n`] as const,
    )) {
      write(root, 'more', text);
      expect(await runAt(pipeline, at)).toBe(0);
      expect(read(root, 'artifacts/second/o')).toBe(`one\ntwo\n${text}`);
    }
    expect((await runOnce(pipeline)).story).toEqual(['first cached', 'second cached']);
  });

  test('stats from the future vouch for nothing: the file is read again', async () => {
    const root = tempFolder();
    write(root, 'a', 'one');
    const hourAgo = BigInt(Date.now() - 3600e3) * 1_000_000n;
    const find = async () => {
      const index = openStatIndex({ file: join(root, 'index'), now: () => hourAgo });
      const found = await index.find(join(root, 'a'));
      await index.save();
      return { found, read: index.read.files };
    };
    expect(await find()).toMatchObject({ read: 1 });
    expect(await find()).toMatchObject({ read: 1 });
    const { mtime, atime } = statSync(join(root, 'a'));
    write(root, 'a', 'two');
    utimesSync(join(root, 'a'), atime, mtime);
    expect(await find()).toMatchObject({ found: { digest: sha256('two') } });
  });

  test('the older of two attempts, whatever their times say, is not disturbed by the one that comes', async () => {
    const root = tempFolder();
    const stage = await stepped();
    const pipeline = pipelineOf(root, {
      slow: { cmd: stage.cmd({ out: '{outs.out}' }), outs: { out: 'o' } },
    });
    const first = runAt(pipeline, Date.now());
    const life = await stage.started();
    const second = runAt(pipeline, Date.now() - year);
    await life.write('out', 'one\n');
    await life.finish();
    expect(await Promise.all([first, second])).toEqual([0, 0]);
    expect(stage.starts).toBe(1);
    expect(read(root, 'artifacts/slow/o')).toBe('one\n');
  });
});
