import { readdirSync, rmSync, symlinkSync } from 'node:fs';
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

test.each([
  ['', 'p/in', 'p'],
  [' behind a link', 'link', 'p'],
])(
  'a folder above an input%s that is swapped for another and back while the stage runs is a fault that names it',
  async (_, dep, name) => {
    const root = tempFolder();
    write(root, 'p/in/a.txt', 'a\n');
    write(root, 'q/in/a.txt', 'b\n');
    symlinkSync('p/in', join(root, 'link'));
    const swap = `cd '${root}'; mv p o; mv q p; cat p/in/a.txt > seen; mv p q; mv o p; cd "$OLDPWD"`;
    const ran = await runOnce(pipelineOf(root, { stage: { ...meanwhile(swap), deps: { in: dep } } }));
    expect(read(root, 'seen')).toBe('b\n');
    expect(ran.outcomes['stage']).toMatchObject({
      type: 'failed',
      faults: [
        {
          code: 'ERS_INPUT_CHANGED',
          message: expect.stringContaining(`while stage ran: ${dep} (${join(root, name)})`) as string,
        },
      ],
    });
  },
);

test('what is made, removed or renamed beside an input while its stage runs is no fault', async () => {
  const root = tempFolder();
  write(root, 'p/in/a.txt', 'a\n');
  const beside = `cd '${root}'; echo b > p/b; mv p/b p/c; mkdir p/d; rm p/c; echo > new; cd "$OLDPWD"`;
  const ran = await runOnce(pipelineOf(root, { stage: { ...meanwhile(beside), deps: { in: 'p/in' } } }));
  expect(ran.code).toBe(0);
});

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

/** Everything by which an input may become another one while a stage works on it. */
test.each<readonly [string, (root: string) => string, RegExp]>([
  [
    'a file renamed over it',
    (root) => `echo b > '${root}/x'; mv '${root}/x' '${root}/in/a.txt'`,
    /in\/a\.txt \(changed\)/,
  ],
  ['a file added', (root) => `echo b > '${root}/in/b.txt'`, /in\/b\.txt \(added\)/],
  [
    'a file removed',
    (root) => `cat '${root}/in/a.txt' > /dev/null; rm '${root}/in/gone.txt'`,
    /in\/gone\.txt \(removed\)/,
  ],
  ['a file renamed', (root) => `mv '${root}/in/gone.txt' '${root}/in/new.txt'`, /in\/new\.txt/],
  ['a link turned to another file', (root) => `ln -sfn other.txt '${root}/in/link'`, /in\/link \(changed\)/],
  ['the target of a link edited', (root) => `echo b > '${root}/outside/t'`, /in\/far \(changed\)/],
  [
    'the folder itself swapped',
    (root) => `mv '${root}/in' '${root}/was'; cp -R '${root}/was' '${root}/in'; echo b > '${root}/in/a.txt'`,
    /in\/a\.txt \(changed\)/,
  ],
])('an input with %s while the stage ran is named, and nothing is recorded', async (_, deeds, named) => {
  const root = tempFolder();
  for (const name of ['in/a.txt', 'in/gone.txt', 'outside/t']) write(root, name, `${name}\n`);
  write(root, 'in/other.txt', 'other\n');
  symlinkSync('a.txt', join(root, 'in/link'));
  symlinkSync(join(root, 'outside/t'), join(root, 'in/far'));
  const changed = await runOnce(pipelineOf(root, { stage: meanwhile(deeds(root)) }));
  expect(changed.outcomes['stage']).toMatchObject({
    type: 'failed',
    faults: [{ code: 'ERS_INPUT_CHANGED', message: expect.stringMatching(named) as string }],
  });
  expect(readdirSync(join(root, '.ers/records'))).toEqual([]);
});

test.each([
  ['a file', (root: string) => write(root, 'in', 'a\n')],
  [
    'a link to a file',
    (root: string) => {
      write(root, 'real', 'a\n');
      symlinkSync('real', join(root, 'in'));
    },
  ],
  [
    'a link to a folder',
    (root: string) => {
      write(root, 'real/f', 'a\n');
      symlinkSync('real', join(root, 'in'));
    },
  ],
])('an input that is %s, touched there and back while the stage ran, is caught', async (_, make) => {
  const root = tempFolder();
  make(root);
  const deeds = `f='${root}/in'; test -d "$f" && f="$f/f"; cp -p "$f" '${root}/kept'; echo b > "$f"; cat '${root}/kept' > "$f"; touch -r '${root}/kept' "$f"`;
  const stage: Sketch = {
    cmd: ['sh', '-c', `${deeds}; echo done > "$1"`, 'sh', '{outs.out}'],
    deps: { in: 'in' },
    outs: { out: 'out.txt' },
  };
  const touched = await runOnce(pipelineOf(root, { stage }));
  expect(touched.outcomes['stage']).toMatchObject({
    type: 'failed',
    faults: [{ code: 'ERS_INPUT_CHANGED' }],
  });
});

test('the list of an input that cannot be kept costs a warning, not the result', async () => {
  const root = tempFolder();
  write(root, 'in/a.txt', 'a\n');
  write(root, '.ers/inputs', 'a file where a folder should be');
  const ran = await runOnce(pipelineOf(root, { stage: meanwhile('true') }));
  expect(ran.story).toEqual(['stage made']);
  expect(read(root, 'artifacts/stage/out.txt')).toBe('a\n');
  expect(ran.events).toContainEqual({
    type: 'notice',
    level: 'warning',
    text: expect.stringMatching(
      /^stage: \.ers\/inputs\/[0-9a-f]{64} cannot be written: .*; if this input changes, ers why will not name the file$/,
    ) as string,
  });
});

test('an input that changes after the plan, before its stage starts, is taken as it is then', async () => {
  const root = tempFolder();
  write(root, 'in/a.txt', 'a\n');
  const early: Sketch = {
    cmd: ['sh', '-c', `echo bb > '${root}/in/a.txt'; echo done > "$1"`, 'sh', '{outs.out}'],
    outs: { out: 'early.txt' },
  };
  const stages = { early, stage: meanwhile('true') };
  const pipeline = pipelineOf(root, stages, { targets: ['early', 'stage'] });
  const ran = await runOnce(pipeline, { jobs: 1 });
  expect(ran.story).toEqual(['early made', 'stage made']);
  expect(read(root, 'artifacts/stage/out.txt')).toBe('bb\n');
  expect((await runOnce(pipeline)).story).toEqual(['early cached', 'stage cached']);
});

test('an input that changes each time before its stage starts is a fault, and nothing is run', async () => {
  const root = tempFolder();
  write(root, 'in/a.txt', 'a\n');
  let text = 'a\n';
  const ran = await runOnce(pipelineOf(root, { stage: meanwhile(`touch '${root}/ran'`) }), {
    onEvent: (event) => {
      if (event.type === 'stage-phase' && event.phase === 'preparing')
        write(root, 'in/a.txt', (text += text));
    },
  });
  expect(ran.outcomes['stage']).toMatchObject({
    type: 'failed',
    faults: [
      {
        code: 'ERS_INPUT_CHANGED',
        message: 'An input changes while stage is about to start: in. Nothing was run.',
      },
    ],
  });
  expect(readdirSync(root)).not.toContain('ran');
});
