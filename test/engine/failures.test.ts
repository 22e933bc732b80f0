import { chmodSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StageOutcome } from '../../engine/events.ts';
import { plan } from '../../engine/index.ts';
import { open, pipelineOf, read, runOnce, tempFolder, write, type Sketch } from './pipelines.ts';

function faultOf(outcome: StageOutcome | undefined) {
  if (outcome?.type !== 'failed') throw new Error(`no failure: ${JSON.stringify(outcome)}`);
  const [fault] = outcome.faults;
  if (fault === undefined) throw new Error('no fault');
  return fault;
}

function runSketch(root: string, sketch: Sketch) {
  return runOnce(pipelineOf(root, { stage: sketch }));
}

test('a command that ends with an error fails its stage; what reads it is skipped, the exit code is 1', async () => {
  const root = tempFolder();
  const ran = await runOnce(
    pipelineOf(root, {
      bad: { cmd: 'echo one; echo "no such band" >&2; exit 3', outs: { out: 'out.txt' } },
      after: { cmd: 'cp {deps.in} {outs.out}', deps: { in: 'bad:out' }, outs: { out: 'out.txt' } },
    }),
  );
  expect(ran.code).toBe(1);
  expect(faultOf(ran.outcomes['bad'])).toMatchObject({
    code: 'ERS_STAGE_FAILED',
    message: 'bad ended with exit code 3:\nno such band',
    place: { file: 'pipeline.yaml' },
  });
  expect(ran.outcomes['after']).toEqual({ type: 'skipped', because: 'bad' });
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
  const [log = ''] = readdirSync(join(root, '.ers/runs'));
  expect(read(root, join('.ers/runs', log, 'bad.log'))).toBe('one\nno such band\n');
});

test('after a failure no other stage starts, unless the run is to keep going', async () => {
  const sketches: Record<string, Sketch> = {
    bad: { cmd: 'exit 1', outs: { out: 'out.txt' } },
    other: { cmd: 'echo x > {outs.out}', outs: { out: 'out.txt' } },
  };
  const options = { targets: ['bad', 'other'] };
  const stopped = await runOnce(pipelineOf(tempFolder(), sketches, options), { jobs: 1 });
  expect(stopped.story).toEqual(['bad failed', 'other skipped']);
  const going = await runOnce(pipelineOf(tempFolder(), sketches, options), { jobs: 1, keepGoing: true });
  expect(going.story).toEqual(['bad failed', 'other made']);
  expect(going.code).toBe(1);
});

test('a stage that ends by a signal has crashed', async () => {
  const ran = await runSketch(tempFolder(), {
    cmd: 'echo "corrupted heap" >&2; kill -SEGV $$',
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage'])).toMatchObject({
    code: 'ERS_STAGE_CRASHED',
    message: 'stage was ended by SIGSEGV:\ncorrupted heap',
    hint: expect.stringMatching(/below \.ers\/runs\.$/) as string,
  });
});

test('a signal behind a shell is told too', async () => {
  const ran = await runSketch(tempFolder(), {
    cmd: 'sh -c "kill -SEGV \\$\\$"; exit $?',
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage'])).toMatchObject({
    code: 'ERS_STAGE_CRASHED',
    message: expect.stringContaining('SIGSEGV') as string,
  });
});

test('arguments that are too long for the system are a fault', async () => {
  const cmd = ['echo', 'x'.repeat(3_000_000)];
  const ran = await runSketch(tempFolder(), { cmd, outs: { out: 'out.txt' } });
  expect(faultOf(ran.outcomes['stage'])).toMatchObject({
    message:
      'stage could not start: echo was given arguments or values that are too long for the system (E2BIG).',
    hint: 'Write long values into a file that is an input, and give {deps.NAME}.',
  });
});

test('a full disk is told as such', async () => {
  const ran = await runSketch(tempFolder(), {
    cmd: 'echo "cp: error writing: No space left on device" >&2; exit 1',
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage']).code).toBe('ERS_DISK_FULL');
});

test('a program that does not exist is named', async () => {
  const ran = await runSketch(tempFolder(), { cmd: ['no-such-program'], outs: { out: 'out.txt' } });
  expect(faultOf(ran.outcomes['stage']).message).toBe(
    'stage could not start: no-such-program was not found.',
  );
});

test('a program that a param leaves empty is told so', async () => {
  const ran = await runSketch(tempFolder(), {
    cmd: ['{params.program}'],
    params: { program: '' },
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage']).message).toBe(
    'stage could not start: {params.program} gives an empty text.',
  );
});

test('a stage that takes its outs/ away fails, and the others go on', async () => {
  const ran = await runOnce(
    pipelineOf(
      tempFolder(),
      {
        rude: { cmd: 'rm -rf ../outs', outs: { out: 'out.txt' } },
        other: { cmd: 'echo x > {outs.out}', outs: { out: 'out.txt' } },
      },
      { targets: ['rude', 'other'] },
    ),
    { jobs: 1, keepGoing: true },
  );
  expect(faultOf(ran.outcomes['rude']).code).toBe('ERS_OUT_MISSING');
  expect(ran.story).toEqual(['rude failed', 'other made']);
});

test.each([
  ['outs/', 'rm -rf ../outs && ln -s {params.mine} ../outs'],
  // The engine notes the process group beside `outs/` once the stage has started: `rm` would find a new file there.
  [
    'whole folder',
    'cd .. && a=$PWD && while [ ! -e group ]; do sleep 0.01; done && cd .. && rm -rf "$a" && ln -s {params.mine} "$a"',
  ],
])(
  'a stage that puts a link in the place of its %s fails, and what the link leads to stays',
  async (_, cmd) => {
    const root = tempFolder();
    write(root, 'mine/out.txt', 'precious\n');
    write(root, 'mine/outs/out.txt', 'precious\n');
    const ran = await runSketch(root, {
      cmd: `${cmd}; true {outs.out}`,
      params: { mine: join(root, 'mine') },
      outs: { out: 'out.txt' },
    });
    expect(faultOf(ran.outcomes['stage']).code).toBe('ERS_OUT_KIND');
    expect(read(root, 'mine/out.txt')).toBe('precious\n');
    expect(read(root, 'mine/outs/out.txt')).toBe('precious\n');
  },
);

test('a command that names an input by its own path is told to write the placeholder', async () => {
  const root = tempFolder();
  write(root, 'make.sh', 'echo x\n');
  const ran = await runSketch(root, {
    cmd: ['sh', 'make.sh'],
    deps: { script: 'make.sh' },
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage']).hint).toBe(
    'A command starts in an empty folder: write {deps.script} for make.sh.',
  );
});

test.each([
  ['nothing', 'true', 'Have it write that, or take the out from its `outs:`.'],
  ['a misspelt name', 'echo > ../outs/tabel.csv', 'It wrote outs/tabel.csv: is that misspelt?'],
  [
    'a file in its working folder',
    'echo > scores.json',
    'It wrote scores.json into its working folder, which is thrown away: have it write to {outs.table}.',
  ],
])(
  'an out that was not written is a fault with its place, also where the stage wrote %s; nothing is recorded',
  async (_, cmd, hint) => {
    const root = tempFolder();
    const ran = await runSketch(root, { cmd, outs: { table: 'table.csv' } });
    expect(ran.outcomes['stage']).toMatchObject({
      type: 'failed',
      faults: [
        {
          code: 'ERS_OUT_MISSING',
          message:
            'stage did not write its out `table`: expected a file at {outs.table} (outs/table.csv); nothing was recorded.',
          place: { file: 'pipeline.yaml', line: 1 },
          hint: `${hint} What it printed is in stage.log, in the newest folder of .ers/runs.`,
        },
      ],
    });
    expect(readdirSync(join(root, '.ers/records'))).toEqual([]);
  },
);

test('an out that is missing and something else in outs/ are told together', async () => {
  const ran = await runSketch(tempFolder(), { cmd: 'echo > ../outs/model.h5', outs: { table: 'table.csv' } });
  expect(ran.outcomes['stage']).toMatchObject({
    faults: [
      {
        code: 'ERS_OUT_MISSING',
        hint: expect.stringMatching(/^It wrote outs\/model\.h5 instead\./) as string,
      },
      { code: 'ERS_OUT_UNDECLARED', message: expect.stringContaining('wrote model.h5') as string },
    ],
  });
});

test('an out that is not of its kind is named by its place, without the random path of the attempt', async () => {
  const sketch: Sketch = { cmd: 'mkdir {outs.table}', outs: { table: 'table.csv' } };
  expect(faultOf((await runSketch(tempFolder(), sketch)).outcomes['stage'])).toMatchObject({
    code: 'ERS_OUT_KIND',
    message: 'Output table: outs/table.csv is a folder, expected a file.',
    place: { file: 'pipeline.yaml', line: 1 },
  });
  const inside: Sketch = { cmd: 'mkfifo {outs.tiles}/pipe', outs: { tiles: 'tiles/' } };
  expect(faultOf((await runSketch(tempFolder(), inside)).outcomes['stage'])).toMatchObject({
    code: 'ERS_OUT_KIND',
    message: 'Output tiles: outs/tiles/pipe is a FIFO, expected plain files.',
    place: { file: 'pipeline.yaml', line: 1 },
  });
});

test('an input that changes while the stage runs is named, and nothing is recorded', async () => {
  const root = tempFolder();
  write(root, 'data/a.txt', 'a\n');
  write(root, 'data/b.txt', 'b\n');
  const ran = await runSketch(root, {
    cmd: 'cat {deps.data}/a.txt > {outs.out}; echo more >> {deps.data}/b.txt',
    deps: { data: 'data' },
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage'])).toMatchObject({
    code: 'ERS_INPUT_CHANGED',
    message: 'An input changed while stage ran: data/b.txt (changed). Nothing was recorded.',
  });
  expect(readdirSync(join(root, '.ers/records'))).toEqual([]);
});

test('an input that vanishes while the stage runs is refused too', async () => {
  const root = tempFolder();
  write(root, 'in.txt', 'a\n');
  const ran = await runSketch(root, {
    cmd: ['sh', '-c', `cp "$1" "$2"; rm '${root}/in.txt'`, 'sh', '{deps.in}', '{outs.out}'],
    deps: { in: 'in.txt' },
    outs: { out: 'out.txt' },
  });
  expect(faultOf(ran.outcomes['stage'])).toMatchObject({ code: 'ERS_INPUT_CHANGED' });
});

test('a missing input ends the run with exit code 2 before anything starts', async () => {
  const ran = await runSketch(tempFolder(), {
    cmd: 'cp {deps.in} {outs.out}',
    deps: { in: 'in.txt' },
    outs: { out: 'out.txt' },
  });
  expect(ran.code).toBe(2);
  expect(faultOf(ran.outcomes['stage']).code).toBe('ERS_INPUT_MISSING');
  expect(ran.events.some((event) => event.type === 'stage-started')).toBe(false);
});

test('a damaged artifact is moved aside, said so, and made again; what reads it stays cached', async () => {
  const root = tempFolder();
  const sketches: Record<string, Sketch> = {
    first: { cmd: 'echo one > {outs.out}', outs: { out: 'out.txt' } },
    second: {
      cmd: 'cat {deps.in} {deps.in} > {outs.out}',
      deps: { in: 'first:out' },
      outs: { out: 'out.txt' },
    },
  };
  await runOnce(pipelineOf(root, sketches));
  const file = realpathSync(join(root, 'artifacts/first/out.txt'));
  chmodSync(file, 0o644);
  writeFileSync(file, 'bad\n');
  const ran = await runOnce(pipelineOf(root, sketches));
  expect(ran.code).toBe(0);
  expect(ran.outcomes).toMatchObject({
    first: { type: 'made', same: true },
    second: { type: 'cached', because: ['first'] },
  });
  expect(read(root, 'artifacts/first/out.txt')).toBe('one\n');
  const notice = ran.events.find((event) => event.type === 'notice');
  expect(notice?.text).toContain('first: artifact out was damaged');
});

test.each([
  ['a FIFO', 'mkfifo {outs.metrics}'],
  ['a link to what never ends', 'ln -s /dev/zero {outs.metrics}'],
  ['more than 64 MiB', 'truncate -s 70M {outs.metrics}'],
])('a metrics out that is %s is a fault, and not read', async (_, cmd) => {
  const ran = await runSketch(tempFolder(), { cmd, outs: { metrics: 'metrics.json' }, metrics: ['metrics'] });
  expect(faultOf(ran.outcomes['stage']).code).toBe('ERS_OUT_KIND');
});

const digByPath = `
const fs = require('fs');
let at = fs.realpathSync(process.argv[1]);
for (let left; (left = 4085 - at.length) > 1; ) fs.mkdirSync((at += '/' + 'd'.repeat(Math.min(250, left - 1))));
fs.rmdirSync(at);
fs.writeFileSync(at, '');`;
const digByStep = `true {outs.out}; cd ../outs/out; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do mkdir ${'d'.repeat(250)}; cd -P d*; done`;

test.each([
  ['where it lies', digByStep],
  ['in the store only', ['node', '-e', digByPath, '{outs.out}']],
])('an out with a path that is too long %s is a fault, and leaves nothing', async (_, cmd) => {
  const root = tempFolder();
  const ran = await runSketch(root, { cmd, outs: { out: 'out/' } });
  expect(faultOf(ran.outcomes['stage']).message).toMatch(/^Output out: .* holds a path that is too long/);
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
  expect(readdirSync(join(root, '.ers/incoming'))).toEqual([]);
});

test('a metrics out that is no JSON object is a fault; a good one gives its numbers, nested ones dotted', async () => {
  const metrics: Sketch = { outs: { metrics: 'metrics.json' }, metrics: ['metrics'] };
  const bad = await runSketch(tempFolder(), { ...metrics, cmd: 'echo "[1" > {outs.metrics}' });
  expect(faultOf(bad.outcomes['stage']).code).toBe('ERS_OUT_KIND');
  const root = tempFolder();
  const cmd = `echo '{"iou": 0.5, "test": {"dice": 0.25}, "name": "x"}' > {outs.metrics}`;
  const good = await runSketch(root, { ...metrics, cmd });
  expect(good.outcomes['stage']).toMatchObject({ type: 'made', metrics: { iou: 0.5, 'test.dice': 0.25 } });
  const again = await runSketch(root, { ...metrics, cmd });
  expect(again.outcomes['stage']).toMatchObject({ type: 'cached', metrics: { iou: 0.5, 'test.dice': 0.25 } });
});

test('a fault that two stages meet is told once: by the first of them', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, {
    scan: {
      cmd: 'cp {deps.dataset} {outs.out}',
      deps: { dataset: 'no-such-folder' },
      outs: { out: 'out.txt' },
    },
    shards: {
      cmd: 'cat {deps.dataset} {deps.scan} > {outs.out}',
      deps: { dataset: 'no-such-folder', scan: 'scan:out' },
      outs: { out: 'out.txt' },
    },
  });
  const ran = await runOnce(pipeline);
  expect(ran.code).toBe(2);
  expect(ran.story).toEqual(['scan failed', 'shards skipped']);
  const faults = Object.values(ran.outcomes).map((outcome) =>
    outcome.type === 'failed' ? outcome.faults : [],
  );
  expect(faults.map((each) => each.map(({ code }) => code))).toEqual([['ERS_INPUT_MISSING'], []]);
  const planned = await plan(open(pipeline), { targets: [], force: false, only: false });
  expect(planned.ok ? [] : planned.faults.map(({ code }) => code)).toEqual(['ERS_INPUT_MISSING']);
});
