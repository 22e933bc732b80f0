import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../engine/events.ts';
import { pipelineOf, read, runOnce, tempFolder, write, type Sketch } from './pipelines.ts';

/** What else happens to the inputs while the stage runs is done by the stage's own shell, so that no clock decides. */
function meanwhile(deeds: string): Sketch {
  return {
    cmd: ['sh', '-c', `${deeds}; cat "$1"/a.txt > "$2"`, 'sh', '{deps.in}', '{outs.out}'],
    deps: { in: 'in' },
    outs: { out: 'out.txt' },
  };
}

test.each([
  ['edited', (root: string) => `echo b > '${root}/in/a.txt'; echo a > '${root}/in/a.txt'`, 'in/a.txt'],
  ['renamed', (root: string) => `mv '${root}/in/a.txt' '${root}/x'; mv '${root}/x' '${root}/in/a.txt'`, 'in'],
  ['given a file more', (root: string) => `echo b > '${root}/in/b'; rm '${root}/in/b'`, 'in'],
  [
    'a link that was turned',
    (root: string) => `ln -sfn x '${root}/in/l'; ln -sfn a.txt '${root}/in/l'`,
    'in/l',
  ],
])(
  'an input that was %s there and back while the stage ran is a fault that names it',
  async (_, deeds, name) => {
    const root = tempFolder();
    write(root, 'in/a.txt', 'a\n');
    symlinkSync('a.txt', join(root, 'in/l'));
    const touched = await runOnce(pipelineOf(root, { stage: meanwhile(deeds(root)) }));
    expect(touched.outcomes['stage']).toMatchObject({
      type: 'failed',
      faults: [
        { code: 'ERS_INPUT_CHANGED', message: expect.stringContaining(`while stage ran: ${name}`) as string },
      ],
    });
    expect((await runOnce(pipelineOf(root, { stage: meanwhile('true') }))).code).toBe(0);
  },
);

/** Saves its input in its checkpoint, waits to be stopped, and in its next life hands out what it saved. */
const saving: Sketch = {
  cmd: [
    'sh',
    '-c',
    `test -e "$ERS_CHECKPOINT/half" && { cat "$ERS_CHECKPOINT/half" > "$2"; exit 0; }
     cat "$1" > "$ERS_CHECKPOINT/half"; echo waiting; test -e '{params.stop}' && exec sleep 300
     cat "$1" > "$2"`,
    'sh',
    '{deps.in}',
    '{outs.out}',
  ],
  deps: { in: 'in.txt' },
  outs: { out: 'out.txt' },
};

async function stopped(root: string, sketch: Sketch): Promise<void> {
  write(root, 'stop', '');
  const stop = new AbortController();
  const ran = await runOnce(pipelineOf(root, { stage: sketch }), {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'stage-output' && event.line === 'waiting') stop.abort();
    },
  });
  expect(ran.outcomes['stage']).toMatchObject({ type: 'stopped', checkpoint: true });
  rmSync(join(root, 'stop'));
}

const resumed = (event: EngineEvent) => (event.type === 'stage-started' ? [event.resumed] : []);

test('a checkpoint whose inputs stand untouched is taken over', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'a\n');
  const sketch = { ...saving, params: { stop: join(root, 'stop') } };
  await stopped(root, sketch);
  const ran = await runOnce(pipelineOf(root, { stage: sketch }));
  expect(ran.events.flatMap(resumed)).toEqual([true]);
});

test('a checkpoint that was written while an input was another one is dropped, and that is told', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'a\n');
  const sketch = { ...saving, params: { stop: join(root, 'stop') } };
  // The key is that of `a`; what it reads at first is `b`.
  const stop = new AbortController();
  write(root, 'stop', '');
  await runOnce(pipelineOf(root, { stage: sketch }), {
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'stage-started') write(root, 'in.txt', 'b\n');
      if (event.type === 'stage-output' && event.line === 'waiting') stop.abort();
    },
  });
  rmSync(join(root, 'stop'));
  write(root, 'in.txt', 'a\n');
  const ran = await runOnce(pipelineOf(root, { stage: sketch }));
  expect(ran.events.flatMap(resumed)).toEqual([false]);
  expect(ran.events).toContainEqual({
    type: 'notice',
    level: 'warning',
    text: 'stage: its checkpoint is dropped, because inputs were touched meanwhile',
  });
  expect(read(root, 'artifacts/stage/out.txt')).toBe('a\n');
});
