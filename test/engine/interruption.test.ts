import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { orphansOf } from '../../cache/orphans.ts';
import type { Pipeline } from '../../engine/definition/types.ts';
import type { EngineEvent } from '../../engine/events.ts';
import { stepped } from '../stepped/stage.ts';
import { bundleTo } from './bundle.ts';
import { holdTimers } from './hold-timers.ts';
import { pipelineOf, read, runOnce, tempFolder, write, type Sketch } from './pipelines.ts';

const folder = mkdtempSync(join(tmpdir(), 'ers-engine-'));
const engine = join(folder, 'engine.mjs');
beforeAll(() => bundleTo(engine, fileURLToPath(new URL('./engine-process.ts', import.meta.url))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Counts its lives in its checkpoint; before the last one it starts a process outside its group and waits to be killed. */
const counting: Sketch = {
  cmd: [
    'sh',
    '-c',
    `echo x >> "$ERS_CHECKPOINT/lives"
     test "$(wc -l < "$ERS_CHECKPOINT/lives")" -ge "$2" && { cat "$ERS_CHECKPOINT/lives" > "$1"; exit 0; }
     setsid sh -c 'echo waiting; sleep 300' &
     wait`,
    'sh',
    '{outs.out}',
    '{params.lives}',
  ],
  params: { lives: 2 },
  outs: { out: 'out.txt' },
};

interface Engine {
  readonly process: ChildProcess;
  /** Resolves with the first event that `wanted` accepts. */
  readonly until: (wanted: (event: EngineEvent) => boolean) => Promise<EngineEvent>;
}

function startEngine(pipeline: Pipeline): Engine {
  const file = join(pipeline.root, 'pipeline.json');
  writeFileSync(file, JSON.stringify({ ...pipeline, stages: [...pipeline.stages] }));
  const process = spawn(globalThis.process.execPath, [engine, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(process, 'exit');
  // It writes nothing any more when its folder is removed.
  onTestFinished(async () => {
    process.kill('SIGKILL');
    await exited;
  });
  const events: EngineEvent[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: process.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as EngineEvent);
    for (const wake of waiting.splice(0)) wake();
  });
  const until = async (wanted: (event: EngineEvent) => boolean): Promise<EngineEvent> => {
    for (;;) {
      const found = events.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { process, until };
}

const isWaiting = (event: EngineEvent) => event.type === 'stage-output' && event.line === 'waiting';

async function attemptOf(running: Engine): Promise<string> {
  const started = await running.until((event) => event.type === 'stage-started');
  return started.type === 'stage-started' ? started.attempt : '';
}

test('after the engine is killed, a plain run ends what it left, resumes, and gives the bytes of a clean run', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, { count: counting });
  const killed = startEngine(pipeline);
  await killed.until(isWaiting);
  const attempt = await attemptOf(killed);
  killed.process.kill('SIGKILL');
  await once(killed.process, 'exit');
  expect(orphansOf(attempt).length).toBeGreaterThanOrEqual(2);
  const ran = await runOnce(pipeline);
  expect(ran.code).toBe(0);
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({ resumed: true });
  expect(orphansOf(attempt)).toEqual([]);
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
  expect(read(root, 'artifacts/count/out.txt')).toBe('x\nx\n');
});

test('a checkpoint belongs to its key: with another param the stage begins anew', async () => {
  const root = tempFolder();
  const killed = startEngine(pipelineOf(root, { count: counting }));
  await killed.until(isWaiting);
  killed.process.kill('SIGKILL');
  await once(killed.process, 'exit');
  const ran = await runOnce(pipelineOf(root, { count: { ...counting, params: { lives: 1 } } }));
  expect(ran.events.find((event) => event.type === 'stage-started')).toMatchObject({ resumed: false });
  expect(read(root, 'artifacts/count/out.txt')).toBe('x\n');
});

test('the abort signal ends the stage and all it started; its checkpoint is kept for the next run', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, { count: counting });
  const stop = new AbortController();
  const ran = await runOnce(pipeline, {
    signal: stop.signal,
    onEvent: (event) => {
      if (isWaiting(event)) stop.abort();
    },
  });
  expect(ran.code).toBe(130);
  expect(ran.outcomes['count']).toMatchObject({ type: 'stopped', checkpoint: true });
  const [attempt = ''] = readdirSync(join(root, '.ers/attempts'));
  expect(orphansOf(attempt)).toEqual([]);
  const again = await runOnce(pipeline);
  expect(again.story).toEqual(['count made']);
  expect(read(root, 'artifacts/count/out.txt')).toBe('x\nx\n');
});

test('a process that hid its environment is ended as well, by its group', async () => {
  const root = tempFolder();
  const hidden: Sketch = {
    cmd: ['sh', '-c', 'test -e "$1" || { env -i sleep 300 & echo waiting; wait; }', 'sh', '{deps.gate}/go'],
    deps: { gate: 'gate' },
    outs: { out: 'out.txt' },
  };
  write(root, 'gate/start', '');
  const killed = startEngine(pipelineOf(root, { hidden }));
  await killed.until(isWaiting);
  const attempt = await attemptOf(killed);
  killed.process.kill('SIGKILL');
  await once(killed.process, 'exit');
  const { group } = JSON.parse(read(root, join('.ers/attempts', attempt, 'group'))) as { group: number };
  expect(orphansOf(attempt, group)).toHaveLength(2);
  write(root, 'gate/go', '');
  await runOnce(pipelineOf(root, { hidden }));
  expect(orphansOf(attempt, group)).toEqual([]);
});

test('--force drops the checkpoint', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, { count: counting });
  const stopped = () => {
    const stop = new AbortController();
    const onEvent = (event: EngineEvent) => {
      if (isWaiting(event)) stop.abort();
    };
    return { signal: stop.signal, onEvent };
  };
  await runOnce(pipeline, stopped());
  const forced = await runOnce(pipeline, { ...stopped(), force: true });
  expect(forced.code).toBe(130);
  const [attempt = ''] = readdirSync(join(root, '.ers/attempts'));
  expect(read(root, join('.ers/attempts', attempt, 'checkpoint/lives'))).toBe('x\n');
});

test('what a shell has started may save when the stage is stopped, although the shell itself ends at once', async () => {
  holdTimers();
  const root = tempFolder();
  const stop = new AbortController();
  const saving = `trap 'sleep 0.2; echo saved > "$ERS_CHECKPOINT/state"; exit' TERM; echo waiting; while :; do sleep 0.05; done`;
  const ran = await runOnce(
    pipelineOf(root, {
      shell: { cmd: `sh -c '${saving.replaceAll("'", `'"'"'`)}'; true`, outs: { out: 'o' } },
    }),
    {
      signal: stop.signal,
      onEvent: (event) => {
        if (isWaiting(event)) stop.abort();
      },
    },
  );
  expect(ran.outcomes).toMatchObject({ shell: { type: 'stopped', checkpoint: true } });
  const [attempt = ''] = readdirSync(join(root, '.ers/attempts'));
  expect(read(root, join('.ers/attempts', attempt, 'checkpoint/state'))).toBe('saved\n');
});

test('a stage that ignores SIGTERM is killed', async () => {
  const stop = new AbortController();
  const ran = await runOnce(
    pipelineOf(tempFolder(), {
      deaf: {
        cmd: ['sh', '-c', `trap '' TERM; echo waiting; while :; do sleep 1; done`],
        outs: { out: 'o' },
      },
      after: { cmd: 'true', deps: { in: 'deaf:out' }, outs: { out: 'o' } },
    }),
    {
      signal: stop.signal,
      onEvent: (event) => {
        if (isWaiting(event)) stop.abort();
      },
    },
  );
  expect(ran.code).toBe(130);
  expect(ran.outcomes).toMatchObject({
    deaf: { type: 'stopped', checkpoint: false },
    after: { type: 'skipped', because: 'deaf' },
  });
});

test('of two runs at once one makes the stage, the other says that it waits and reuses the result', async () => {
  const root = tempFolder();
  const stage = await stepped();
  const pipeline = pipelineOf(root, {
    slow: { cmd: stage.cmd({ out: '{outs.out}' }), outs: { out: 'out.txt' } },
  });
  const first = startEngine(pipeline);
  const life = await stage.started();
  const second = runOnce(pipeline, {
    onEvent: (event) => {
      if (event.type === 'stage-waiting') void life.write('out', 'done').then(life.finish);
    },
  });
  const ran = await second;
  await first.until((event) => event.type === 'run-finished');
  expect(ran.events.find((event) => event.type === 'stage-waiting')).toMatchObject({ stage: 'slow' });
  expect(ran.story).toEqual(['slow cached']);
  expect(stage.starts).toBe(1);
  expect(read(root, 'artifacts/slow/out.txt')).toBe('done');
});

test('a run that waits takes over when the other one is killed', async () => {
  const root = tempFolder();
  const stage = await stepped();
  const pipeline = pipelineOf(root, {
    slow: { cmd: stage.cmd({ out: '{outs.out}' }), outs: { out: 'out.txt' } },
  });
  const first = startEngine(pipeline);
  const orphaned = await stage.started();
  await orphaned.write('out', 'of the one that was killed');
  const second = runOnce(pipeline, {
    onEvent: (event) => {
      if (event.type === 'stage-waiting') first.process.kill('SIGKILL');
    },
  });
  const life = await stage.started();
  await orphaned.ended;
  await life.write('out', 'done');
  await life.finish();
  expect((await second).story).toEqual(['slow made']);
  expect(read(root, 'artifacts/slow/out.txt')).toBe('done');
});

test('of runs that start in the same moment one makes the stage', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, {
    slow: {
      cmd: ['sh', '-c', `echo x >> '${root}/lives'; echo done > "$1"`, 'sh', '{outs.out}'],
      outs: { out: 'out.txt' },
    },
  });
  const runs = await Promise.all([runOnce(pipeline), runOnce(pipeline), runOnce(pipeline)]);
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(runs.flatMap(({ story }) => story).toSorted()).toEqual(['slow cached', 'slow cached', 'slow made']);
  expect(read(root, 'lives')).toBe('x\n');
});
