import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pipelineOf, read, runOnce, tempFolder, write, type Sketch } from '../pipelines.ts';

/** Tells of its input: where it really lies, what lies beside it, and its mode. */
function look(path: string): Sketch {
  return {
    cmd: [
      'sh',
      '-c',
      'real=$(readlink -f "$1"); ls -l "$real" | cut -c1-10 > "$2"; basename "$real" >> "$2"; ls "$(dirname "$real")" | wc -l | tr -d " " >> "$2"; case $real in "$3"/in/*) echo linked;; *) echo copied;; esac >> "$2"',
      'sh',
      '{deps.in}',
      '{outs.out}',
      '{params.root}',
    ],
    deps: { in: path },
    outs: { out: 'out.txt' },
  };
}

async function seen(root: string, path: string): Promise<readonly string[]> {
  const ran = await runOnce(pipelineOf(root, { stage: { ...look(path), params: { root } } }));
  expect(ran.story).toEqual(['stage made']);
  return read(root, 'artifacts/stage/out.txt').trim().split('\n');
}

test('a small file is given as a copy that lies alone, with its name and mode', async () => {
  const root = tempFolder();
  write(root, 'in/main.mjs', 'x');
  write(root, 'in/helper.mjs', 'y');
  chmodSync(join(root, 'in/main.mjs'), 0o751);
  expect(await seen(root, 'in/main.mjs')).toEqual(['-rwxr-x--x', 'main.mjs', '1', 'copied']);
});

test('a link to a small file is given under the name that the pipeline gives', async () => {
  const root = tempFolder();
  write(root, 'in/blob-3fa9c', 'x');
  chmodSync(join(root, 'in/blob-3fa9c'), 0o644);
  symlinkSync('blob-3fa9c', join(root, 'in/run.py'));
  expect(await seen(root, 'in/run.py')).toEqual(['-rw-r--r--', 'run.py', '1', 'copied']);
});

test('a file of up to 1 MiB is copied, a larger one is a link', async () => {
  const root = tempFolder();
  write(root, 'in/scene', 'x'.repeat(1 << 20));
  expect((await seen(root, 'in/scene')).at(-1)).toBe('copied');
  write(root, 'in/scene', 'x'.repeat((1 << 20) + 1));
  expect((await seen(root, 'in/scene')).at(-1)).toBe('linked');
});

test('what a program writes into its copy reaches neither the file nor the next attempt', async () => {
  const root = tempFolder();
  write(root, 'table.csv', 'a\n');
  const sketch: Sketch = {
    cmd: 'echo b >> {deps.in}; cp {deps.in} {outs.out}',
    deps: { in: 'table.csv' },
    outs: { out: 'out.csv' },
    always: true,
  };
  for (const time of ['first', 'second']) {
    expect((await runOnce(pipelineOf(root, { stage: sketch }))).code, time).toBe(0);
    expect(read(root, 'artifacts/stage/out.csv')).toBe('a\nb\n');
  }
  expect(read(root, 'table.csv')).toBe('a\n');
});
