import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stepped } from '../stepped/stage.ts';
import { pipelineOf, read, runOnce, tempFolder, write, type Sketch } from './pipelines.ts';

/** Copies all of its input, whatever the names in it are. */
const copy: Sketch = {
  cmd: ['cp', '-R', '-L', '{deps.in}/.', '{outs.out}'],
  deps: { in: 'in' },
  outs: { out: 'out/' },
};

const run = (root: string, sketch = copy) => runOnce(pipelineOf(root, { copy: sketch }));

/** Relative paths as bytes, sorted: what a program sees. */
function namesBelow(folder: string): string {
  return execFileSync(
    '/bin/sh',
    ['-c', 'cd "$1" && find . -type f -print0 | LC_ALL=C sort -z', 'sh', folder],
    {
      encoding: 'latin1',
    },
  );
}

test('names of every kind come through a stage as they are, byte for byte, and are known again', async () => {
  const root = tempFolder();
  const names = [
    'a b',
    `'"`,
    'n\nl',
    '--help',
    '-',
    '.hidden',
    '$HOME',
    '`id`',
    '*',
    'вода',
    'é',
    'e\u0301',
    '😀',
    'n'.repeat(255),
  ];
  for (const name of names) write(root, join('in', name), name);
  writeFileSync(Buffer.concat([Buffer.from(join(root, 'in/latin-')), Buffer.of(0xe9)]), 'latin');
  expect((await run(root)).story).toEqual(['copy made']);
  expect(namesBelow(join(root, 'artifacts/copy/out/'))).toBe(namesBelow(join(root, 'in')));
  expect(readdirSync(join(root, 'artifacts/copy/out'))).toHaveLength(names.length + 1);
  expect((await run(root)).story).toEqual(['copy cached']);
});

test('a stage that hands out a hard link of its own input has touched it: a fault that names the input, which stays as it was', async () => {
  const root = tempFolder();
  write(root, 'in/a', 'one');
  const linking = { ...copy, cmd: ['sh', '-c', 'ln -L "$1/a" "$2/a"', 'sh', '{deps.in}', '{outs.out}'] };
  const ran = await run(root, linking);
  expect(ran.outcomes['copy']).toMatchObject({
    type: 'failed',
    faults: [
      {
        code: 'ERS_INPUT_CHANGED',
        message: expect.stringContaining('touched while copy ran: in/a.') as string,
      },
    ],
  });
  expect(statSync(join(root, 'in/a'))).toMatchObject({ nlink: 1 });
  expect(statSync(join(root, 'in/a')).mode & 0o200).toBe(0o200);
});

test('an edit of a stored artifact through a hard link that somebody made of it is found, and the artifact made again', async () => {
  const root = tempFolder();
  write(root, 'in/a', 'one');
  await run(root);
  const stored = join(root, 'artifacts/copy/out/a');
  const { atime, mtime } = statSync(stored);
  const link = join(root, 'link');
  linkSync(stored, link);
  chmodSync(link, 0o644);
  writeFileSync(link, 'two');
  utimesSync(link, atime, mtime);
  const again = await run(root);
  expect(again.story).toEqual(['copy made']);
  expect(again.events).toContainEqual(
    expect.objectContaining({
      type: 'notice',
      text: expect.stringContaining('artifact out was damaged (a)') as string,
    }),
  );
  expect(read(root, 'artifacts/copy/out/a')).toBe('one');
});

test('a link in an input that is turned to equal content re-runs nothing; to other content, it does', async () => {
  const root = tempFolder();
  write(root, 'one/a', 'same');
  write(root, 'two/a', 'same');
  write(root, 'three/a', 'other');
  mkdirSync(join(root, 'in'));
  const turn = (target: string) => {
    rmSync(join(root, 'in/link'), { force: true });
    symlinkSync(`../${target}`, join(root, 'in/link'));
  };
  turn('one');
  await run(root);
  turn('two');
  expect((await run(root)).story).toEqual(['copy cached']);
  turn('three');
  expect((await run(root)).story).toEqual(['copy made']);
  write(root, 'three/a', 'edited');
  expect((await run(root)).story).toEqual(['copy made']);
  expect(read(root, 'artifacts/copy/out/link/a')).toBe('edited');
});

test('an input that becomes a folder, and a file again, is another input each time; then the first result is back', async () => {
  const root = tempFolder();
  const list = {
    ...copy,
    cmd: [
      'sh',
      '-c',
      'find -L "$1" -type f | wc -l > "$2/n"; find -L "$1" -type d >> "$2/n"',
      'sh',
      '{deps.in}',
      '{outs.out}',
    ],
  };
  write(root, 'in', 'one');
  expect((await run(root, list)).story).toEqual(['copy made']);
  rmSync(join(root, 'in'));
  write(root, 'in/x', 'one');
  expect((await run(root, list)).story).toEqual(['copy made']);
  rmSync(join(root, 'in'), { recursive: true });
  write(root, 'in', 'one');
  expect((await run(root, list)).story).toEqual(['copy cached']);
});

test('empty folders re-run nothing, hidden files and renames of nothing but case do', async () => {
  const root = tempFolder();
  write(root, 'in/a', 'one');
  await run(root);
  mkdirSync(join(root, 'in/empty/deep'), { recursive: true });
  expect((await run(root)).story).toEqual(['copy cached']);
  write(root, 'in/.hidden', 'x');
  expect((await run(root)).story).toEqual(['copy made']);
  renameSync(join(root, 'in/a'), join(root, 'in/A'));
  expect((await run(root)).story).toEqual(['copy made']);
  expect(readdirSync(join(root, 'artifacts/copy/out')).sort()).toEqual(['.hidden', 'A']);
});

test.each(['fifo', 'loop', 'dangling link'])(
  'a %s in an input folder is a fault that names it, before anything runs',
  async (kind) => {
    const root = tempFolder();
    write(root, 'in/a', 'one');
    const odd = join(root, 'in/odd');
    if (kind === 'fifo') execFileSync('mkfifo', [odd]);
    else symlinkSync(kind === 'loop' ? '.' : 'nowhere', odd);
    const ran = await run(root);
    expect(ran.code).toBe(2);
    expect(ran.events.filter(({ type }) => type === 'stage-started')).toEqual([]);
    expect(ran.outcomes['copy']).toMatchObject({ type: 'failed', faults: [{ place: { file: odd } }] });
  },
);

test.each<[string, (root: string) => void, string]>([
  ['written', (root) => write(root, 'in/a', 'two'), 'in/a (changed)'],
  ['removed', (root) => rmSync(join(root, 'in/a')), 'in/a (removed)'],
  ['added', (root) => write(root, 'in/b', 'two'), 'in/b (added)'],
  [
    'made a folder',
    (root) => {
      rmSync(join(root, 'in/a'));
      write(root, 'in/a/b', 'two');
    },
    'in/a (removed)',
  ],
])(
  'a file of an input folder that is %s while the stage is at work is a fault that names it',
  async (_, deed, name) => {
    const root = tempFolder();
    write(root, 'in/a', 'one');
    const stage = await stepped();
    const sketch = { ...copy, cmd: stage.cmd({ out: '{outs.out}' }) };
    const running = run(root, sketch);
    const life = await stage.started();
    await life.write('out/a', 'one');
    deed(root);
    await life.finish();
    const ran = await running;
    expect(ran.outcomes['copy']).toMatchObject({
      type: 'failed',
      faults: [
        {
          code: 'ERS_INPUT_CHANGED',
          message: `An input changed while copy ran: ${name}. Nothing was recorded.`,
        },
      ],
    });
    expect(readdirSync(join(root, '.ers/records'))).toEqual([]);
  },
);

test('files on another file system, mounted inside an input folder, count as the others do', async (context) => {
  const root = tempFolder();
  write(root, 'in/a', 'one');
  const mounted = join(root, 'in/mounted');
  mkdirSync(mounted);
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'ers', mounted], { encoding: 'utf8' });
  context.skip(done.status !== 0, `mount is not permitted here: ${done.stderr}`);
  onTestFinished(() => void spawnSync('umount', [mounted]));
  write(root, 'in/mounted/b', 'two');
  expect((await run(root)).story).toEqual(['copy made']);
  expect((await run(root)).story).toEqual(['copy cached']);
  write(root, 'in/mounted/b', 'six');
  expect((await run(root)).story).toEqual(['copy made']);
  expect(readFileSync(join(root, 'artifacts/copy/out/mounted/b'), 'utf8')).toBe('six');
  spawnSync('umount', [mounted]);
  expect((await run(root)).story).toEqual(['copy made']);
});
