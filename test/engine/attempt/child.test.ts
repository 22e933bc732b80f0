import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../../base/canonical.ts';
import { sha256, type Digest } from '../../../base/digest.ts';
import { ok } from '../../../base/fault.ts';
import type { Stage } from '../../../engine/definition/types.ts';
import type { EngineEvent } from '../../../engine/events.ts';
import type { RuntimeProvider } from '../../../engine/runtime-provider.ts';
import { fakeDist } from '../bundle.ts';
import { holdTimers } from '../hold-timers.ts';
import { pipelineOf, read, runOnce, tempFolder, write } from '../pipelines.ts';

const stages = {
  'stages/count.mjs': `
    import { readFileSync, writeFileSync, readdirSync } from 'node:fs';
    import { once } from 'node:events';
    export async function run({ params, deps, outs, emit, startWorker }) {
      emit({ type: 'progress', label: 'count', done: 1, total: 2, unit: 'files' });
      const worker = startWorker('double', readFileSync(deps.text, 'utf8').length);
      const [doubled] = await once(worker, 'message');
      writeFileSync(outs.size, JSON.stringify({ doubled, unit: params.count.unit }) + '\\n');
      writeFileSync(outs.list + '/' + readdirSync(outs.list).length, '');
      return { ok: true, value: { status: 'done' } };
    }`,
  'stages/double.mjs': `
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.postMessage(2 * workerData);`,
  'stages/refuse.mjs': `
    export async function run() {
      return { ok: false, faults: [{ code: 'ERS_MASK_VALUE', message: 'value 9 is no class', place: { file: 'm.png', pixel: { x: 1, y: 2 } } }] };
    }`,
  'stages/throw-fault.mjs': `
    class FaultError extends Error { name = 'FaultError'; faults = [{ code: 'ERS_DECODE', message: 'cut off' }]; }
    export async function run() { throw new FaultError(); }`,
  'stages/throw.mjs': `export async function run() { throw new TypeError('a bug'); }`,
  'stages/full.mjs': `export async function run() { throw Object.assign(new Error('write'), { code: 'ENOSPC' }); }`,
  'stages/exit.mjs': `export async function run() { process.stderr.write('free(): invalid pointer\\n'); process.exit(9); }`,
  'stages/exit-well.mjs': `export async function run() { process.exit(0); }`,
  'stages/wait.mjs': `export async function run() { await new Promise(() => undefined); }`,
  'stages/late.mjs': `export async function run() { await new Promise((resolve) => { setTimeout(() => { throw new RangeError('late'); }); }); } /* ${'x'.repeat(300_000)} */`,
  'stages/reject.mjs': `export async function run() { void Promise.reject(new RangeError('nobody awaits')); await new Promise(() => setInterval(() => {}, 1000)); } /* ${'x'.repeat(300_000)} */`,
  'stages/syntax.mjs': `export async function run() { let a = 'x'; let a = '${'x'.repeat(300_000)}'; }`,
  'stages/long.mjs': `export async function run() { process.stdout.write('y'.repeat(5000) + '\\n'); process.exit(9); }`,
  'stages/noisy.mjs': `export async function run() { process.stderr.write('I0000 port.cc] oneDNN is on\\nE0000 out of memory\\n'); process.exit(9); }`,
  'stages/stop.mjs': `export async function run() { return { ok: true, value: { status: 'stopped' } }; }`,
  'stages/patient.mjs': `
    import { existsSync, readFileSync, writeFileSync } from 'node:fs';
    export async function run({ checkpoint, outs, signal }) {
      const file = checkpoint + '/epoch';
      if (existsSync(file)) {
        writeFileSync(outs.out, readFileSync(file, 'utf8') + 'resumed\\n');
        return { ok: true, value: { status: 'done' } };
      }
      console.log('waiting');
      const alive = setInterval(() => {}, 1000);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      // A system that ends a session, or a cluster its job, asks each of its processes, beside the engine.
      process.kill(process.pid, 'SIGTERM');
      clearInterval(alive);
      writeFileSync(file, 'epoch 3\\n');
      return { ok: true, value: { status: 'stopped' } };
    }`,
  'stages/environment.mjs': `
    import { writeFileSync } from 'node:fs';
    export async function run({ outs, runtime }) {
      const { TMPDIR, ERS_ATTEMPT, ERS_CHECKPOINT, ERS_LOGS, ...rest } = process.env;
      writeFileSync(outs.out, JSON.stringify({ ...rest, runtime: runtime ?? null, own: TMPDIR.includes(ERS_ATTEMPT) }));
      return { ok: true, value: { status: 'done' } };
    }`,
};

const folder = mkdtempSync(join(tmpdir(), 'ers-dist-'));
let dist = '';
beforeAll(async () => {
  dist = await fakeDist(folder, stages);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Digest of a bundle, as the build would name it. */
function digestOf(name: string): Digest {
  return sha256((stages as Readonly<Record<string, string>>)[`stages/${name}.mjs`] ?? '');
}

function uses(name: string, more: { readonly runtime?: 'tensorflow' } = {}): Stage['program'] {
  return {
    type: 'uses',
    definition: {
      name,
      does: '',
      deps: {},
      outs: {},
      params: [],
      runtime: more.runtime ?? null,
      bundle: `stages/${name}.mjs`,
      workers: { double: 'stages/double.mjs' },
      code: {
        bundles: { run: digestOf(name), double: digestOf('double') },
        modules: { [`stages/${name}/run.ts`]: sha256(name) },
        packages: {},
      },
    },
  };
}

function runStage(
  root: string,
  name: string,
  more: Parameters<typeof uses>[1] = {},
  env: NodeJS.ProcessEnv = {},
) {
  const pipeline = pipelineOf(root, {
    stage: { program: uses(name, more), outs: { out: 'out.txt' }, env: Object.keys(env) },
  });
  const runtimes = { tensorflow };
  return runOnce(pipeline, { dist, runtimes, env: { PATH: '/usr/bin', HOME: '/root', SECRET: 'x', ...env } });
}

const ensured: string[] = [];
const tensorflow: RuntimeProvider = {
  name: 'tensorflow',
  version: () => '2.9',
  fingerprint: () => ({ version: '2.9.1' }),
  ensure: (emit) => {
    ensured.push('tensorflow');
    emit({ type: 'runtime', runtime: 'tensorflow', phase: 'ready', text: 'ready' });
    return Promise.resolve(
      ok({ dir: '/opt/tf', fingerprint: { version: '2.9.1' }, env: { TF_ENABLE_ONEDNN_OPTS: '1' } }),
    );
  },
};

test('a built-in stage gets its params, inputs, outs and workers, and its events reach the engine', async () => {
  const root = tempFolder();
  write(root, 'text.txt', 'four');
  const params: Record<string, Json> = { count: { unit: 'characters' } };
  const ran = await runOnce(
    pipelineOf(root, {
      count: {
        program: uses('count'),
        deps: { text: 'text.txt' },
        params,
        outs: { size: 'size.json', list: 'list/' },
        metrics: ['size'],
      },
    }),
    { dist },
  );
  expect(ran.outcomes['count']).toMatchObject({ type: 'made', metrics: { doubled: 8 } });
  expect(read(root, 'artifacts/count/size.json')).toBe('{"doubled":8,"unit":"characters"}\n');
  expect(readdirSync(join(root, 'artifacts/count/list'))).toEqual(['0']);
  expect(ran.events.filter((event) => event.type === 'stage-event')).toEqual([
    {
      type: 'stage-event',
      stage: 'count',
      event: { type: 'progress', label: 'count', done: 1, total: 2, unit: 'files' },
    },
  ]);
});

test.each<[string, string, object]>([
  [
    'faults that it returns',
    'refuse',
    {
      code: 'ERS_MASK_VALUE',
      message: 'value 9 is no class',
      place: { file: 'm.png', pixel: { x: 1, y: 2 } },
    },
  ],
  ['a fault that it throws', 'throw-fault', { code: 'ERS_DECODE', message: 'cut off' }],
  ['a bug', 'throw', { code: 'ERS_STAGE_CRASHED', message: 'stage crashed: a bug.' }],
  ['a full disk', 'full', { code: 'ERS_DISK_FULL' }],
  [
    'a process that ends without a result',
    'exit',
    {
      code: 'ERS_STAGE_CRASHED',
      message: 'stage ended with exit code 9 and left no result:\nfree(): invalid pointer',
    },
  ],
  [
    'a process that exits with 0 by itself',
    'exit-well',
    {
      message: 'stage ended with exit code 0 and left no result.',
      hint: 'A stage is done when `run` returns: take process.exit() out of it and of what it calls.',
    },
  ],
  [
    'a wait for what never comes',
    'wait',
    {
      code: 'ERS_STAGE_CRASHED',
      // What was printed follows: Node 26 says where it waits, Node 20 nothing.
      message: expect.stringMatching(
        /^stage ended with exit code 13 and left no result(\.$|:\nWarning: )/,
      ) as string,
      hint: 'It awaits something that never comes, so that nothing was left to do: see that every promise in `run` is settled.',
    },
  ],
  ['a stop that nobody asked for', 'stop', { code: 'ERS_STAGE_FAILED' }],
])('a stage fails with %s', async (_, name, fault) => {
  const ran = await runStage(tempFolder(), name);
  expect(ran.code).toBe(1);
  expect(ran.outcomes['stage']).toMatchObject({ type: 'failed', faults: [fault] });
});

test.for(['refuse', 'throw-fault', 'full'])('%s is no bug: no stack is printed', async (name) => {
  const ran = await runStage(tempFolder(), name);
  expect(ran.events.filter((event) => event.type === 'stage-output')).toEqual([]);
});

test("the stack of a bug is in the stage's log", async () => {
  const root = tempFolder();
  await runStage(root, 'throw');
  const [run = ''] = readdirSync(join(root, '.ers/runs'));
  expect(read(root, join('.ers/runs', run, 'stage.log'))).toMatch(
    /TypeError: a bug\n\s+at \S*run .*throw\.mjs/,
  );
});

test('asked to stop, a stage saves its checkpoint, and the next run goes on from there', async () => {
  holdTimers();
  const root = tempFolder();
  const pipeline = pipelineOf(root, { stage: { program: uses('patient'), outs: { out: 'out.txt' } } });
  const stop = new AbortController();
  const onEvent = (event: EngineEvent) => {
    if (event.type === 'stage-output' && event.line === 'waiting') stop.abort();
  };
  const stopped = await runOnce(pipeline, { dist, signal: stop.signal, onEvent });
  expect(stopped.outcomes['stage']).toMatchObject({ type: 'stopped', checkpoint: true });
  expect(existsSync(join(root, 'artifacts'))).toBe(false);
  const resumed = await runOnce(pipeline, { dist });
  expect(resumed.code).toBe(0);
  expect(read(root, 'artifacts/stage/out.txt')).toBe('epoch 3\nresumed\n');
});

test('a stage sees the stated environment, its declared values and those of its runtime, nothing else', async () => {
  const root = tempFolder();
  ensured.length = 0;
  const ran = await runStage(root, 'environment', { runtime: 'tensorflow' }, { MODE: 'fast' });
  expect(ran.code).toBe(0);
  expect(JSON.parse(read(root, 'artifacts/stage/out.txt'))).toEqual({
    PATH: '/usr/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    PYTHONDONTWRITEBYTECODE: '1',
    MODE: 'fast',
    ERS_CHECKPOINT_EVERY: '600',
    TF_ENABLE_ONEDNN_OPTS: '1',
    runtime: '/opt/tf',
    own: true,
  });
  expect(ensured).toEqual(['tensorflow']);
  await runStage(root, 'environment', { runtime: 'tensorflow' }, { MODE: 'fast' });
  expect(ensured).toEqual(['tensorflow']);
});

test('changed code names the modules that changed', async () => {
  const root = tempFolder();
  const first = uses('environment');
  await runOnce(pipelineOf(root, { stage: { program: first, outs: { out: 'out.txt' } } }), { dist });
  if (first.type !== 'uses') throw new Error('no built-in stage');
  const code = {
    ...first.definition.code,
    bundles: { ...first.definition.code.bundles, run: digestOf('count') },
    modules: { 'stages/environment/run.ts': sha256('new module') },
  };
  const program = { ...first, definition: { ...first.definition, bundle: 'stages/count.mjs', code } };
  const ran = await runOnce(pipelineOf(root, { stage: { program, outs: { out: 'out.txt' } } }), { dist });
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({
    reasons: [{ type: 'code', module: 'stages/environment/run.ts' }],
  });
});

test.each([
  ['late', 'RangeError: late'],
  ['reject', 'RangeError: nobody awaits'],
  ['syntax', "SyntaxError: Identifier 'a' has already been declared"],
])(
  'an error in a bundle of one long line shows message and stack, not the line (%s)',
  async (name, message) => {
    const ran = await runStage(tempFolder(), name);
    expect(ran.code).toBe(1);
    const { outcome } =
      ran.events.flatMap((event) => (event.type === 'stage-finished' ? [event] : []))[0] ?? {};
    expect(outcome).toMatchObject({ type: 'failed', faults: [{ code: 'ERS_STAGE_CRASHED' }] });
    const lines = ran.events.flatMap((event) => (event.type === 'stage-output' ? [event.line] : []));
    expect(lines).toContain(message);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(300);
  },
);

test('a line that a stage prints is cut to 2 000 characters in events and in its log', async () => {
  const root = tempFolder();
  const ran = await runStage(root, 'long');
  const cut = `${'y'.repeat(2000)}… (3000 more characters)`;
  expect(ran.events).toContainEqual({ type: 'stage-output', stage: 'stage', stream: 'stdout', line: cut });
  const [run = ''] = readdirSync(join(root, '.ers/runs'));
  expect(read(root, `.ers/runs/${run}/stage.log`)).toBe(`${cut}\n`);
});

test('an installation that is stopped stops the run: it is no bug and no failure', async () => {
  const stop = new AbortController();
  const installing: RuntimeProvider = {
    ...tensorflow,
    ensure: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        stop.abort();
      }),
  };
  const pipeline = pipelineOf(tempFolder(), {
    stage: { program: uses('environment', { runtime: 'tensorflow' }), outs: { out: 'out.txt' } },
  });
  const ran = await runOnce(pipeline, { dist, runtimes: { tensorflow: installing }, signal: stop.signal });
  expect(ran.code).toBe(130);
  expect(ran.outcomes['stage']).toMatchObject({ type: 'stopped', checkpoint: false });
});

test("noise of a runtime goes to the stage's log, not to events and faults", async () => {
  const root = tempFolder();
  const noisy: RuntimeProvider = {
    ...tensorflow,
    ensure: () => Promise.resolve(ok({ dir: '/opt/tf', fingerprint: {}, env: {}, noise: [/^I0000 /] })),
  };
  const pipeline = pipelineOf(root, {
    stage: { program: uses('noisy', { runtime: 'tensorflow' }), outs: { out: 'out.txt' } },
  });
  const ran = await runOnce(pipeline, { dist, runtimes: { tensorflow: noisy } });
  const lines = ran.events.flatMap((event) => (event.type === 'stage-output' ? [event.line] : []));
  expect(lines).toEqual(['E0000 out of memory']);
  expect(ran.outcomes['stage']).toMatchObject({
    faults: [{ message: 'stage ended with exit code 9 and left no result:\nE0000 out of memory' }],
  });
  const [run = ''] = readdirSync(join(root, '.ers/runs'));
  expect(read(root, `.ers/runs/${run}/stage.log`)).toBe('I0000 port.cc] oneDNN is on\nE0000 out of memory\n');
});
