import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { orphansOf } from '../../../cache/orphans.ts';
import { printerInto } from '../../ui/printed.ts';
import { stepped } from '../../stepped/stage.ts';
import { holdTimers } from '../hold-timers.ts';
import { pipelineOf, read, runOnce, tempFolder, write, type Ran, type Sketch } from '../pipelines.ts';

const out = { out: 'out.txt' };

const retriesOf = ({ events }: Ran) =>
  events.flatMap((event) => (event.type === 'stage-retrying' ? [`${event.attempt} of ${event.of}`] : []));
const attemptsOf = ({ events }: Ran) =>
  events.flatMap((event) => (event.type === 'stage-started' ? [event.attempt] : []));

test('a stage that fails is attempted again as often as its retries say, and a line tells each', async () => {
  const stage = await stepped();
  const pipeline = pipelineOf(tempFolder(), {
    shaky: { cmd: stage.cmd({ out: '{outs.out}' }), outs: out, retries: 2 },
  });
  const lines: string[] = [];
  const print = printerInto(lines);
  const running = runOnce(pipeline, { onEvent: print });
  await (await stage.started()).fail(3);
  await (await stage.started()).shell('kill -KILL $PPID').catch(() => undefined);
  const last = await stage.started();
  await last.write('out', 'third time');
  await last.finish();
  const ran = await running;
  expect(ran.story).toEqual(['shaky made']);
  expect(retriesOf(ran)).toEqual(['2 of 3', '3 of 3']);
  expect(lines).toContain('shaky     again      attempt 2 of 3, since shaky ended with exit code 3');
  expect(lines).toContain('shaky     again      attempt 3 of 3, since shaky was ended by SIGKILL');
  expect(read(pipeline.root, 'artifacts/shaky/out.txt')).toBe('third time');
});

test('when the last attempt fails too the stage has failed, with the faults of that one', async () => {
  const root = tempFolder();
  const ran = await runOnce(
    pipelineOf(root, {
      never: { cmd: `echo x >> '${root}/lives'; exit "$(wc -l < '${root}/lives')"`, outs: out, retries: 1 },
    }),
  );
  expect(ran.code).toBe(1);
  expect(ran.outcomes['never']).toMatchObject({ faults: [{ message: 'never ended with exit code 2.' }] });
  expect(retriesOf(ran)).toEqual(['2 of 2']);
});

/** Fails in some way once, and on its next attempt stores what it finds in its checkpoint. */
const twice = (end: string): Sketch => ({
  cmd: [
    'sh',
    '-c',
    `if [ -e "$2/failed" ]; then ls "$ERS_CHECKPOINT" > "$1"; exit 0; fi; touch "$2/failed" "$ERS_CHECKPOINT/half"; ${end}`,
    'sh',
    '{outs.out}',
    '{params.folder}',
  ],
  outs: out,
  retries: 1,
});

test.each([
  ['crashed goes on from its checkpoint', 'kill -KILL $$', 'half\n'],
  ['failed by its own word begins without one', 'exit 1', ''],
])('an attempt after one that %s', async (_, end, found) => {
  const root = tempFolder();
  const ran = await runOnce(pipelineOf(root, { stage: { ...twice(end), params: { folder: root } } }));
  expect(ran.story).toEqual(['stage made']);
  expect(read(root, 'artifacts/stage/out.txt')).toBe(found);
});

test('a forced stage drops the checkpoint of earlier runs, and keeps that of its own first attempt', async () => {
  const root = tempFolder();
  const pipeline = pipelineOf(root, {
    stage: { ...twice('kill -KILL $$'), retries: 0, params: { folder: root } },
  });
  expect((await runOnce(pipeline)).code).toBe(1);
  const forced = await runOnce(pipeline, { force: true });
  expect(forced.code).toBe(0);
  expect(read(root, 'artifacts/stage/out.txt')).toBe('');
  const other = tempFolder();
  const again = await runOnce(
    pipelineOf(other, { stage: { ...twice('kill -KILL $$'), params: { folder: other } } }),
    { force: true },
  );
  expect(again.code).toBe(0);
  expect(read(other, 'artifacts/stage/out.txt')).toBe('half\n');
});

test.each<[string, string, Sketch['outs']]>([
  ['an input that changed', 'echo more >> "$1"; echo x > "$2"', out],
  ['an out that is not there', 'true', out],
  ['an out that is no file', 'mkdir -p "$2"', out],
])('%s is no reason for another attempt', async (_, cmd, outs) => {
  const root = tempFolder();
  write(root, 'in.txt', 'in\n');
  const ran = await runOnce(
    pipelineOf(root, {
      stage: {
        cmd: ['sh', '-c', cmd, 'sh', join(root, 'in.txt'), '{outs.out}'],
        deps: { in: 'in.txt' },
        outs,
        retries: 3,
      },
    }),
  );
  expect(ran.story).toEqual(['stage failed']);
  expect(attemptsOf(ran)).toHaveLength(1);
});

test('a program that cannot start is not started again', async () => {
  const ran = await runOnce(
    pipelineOf(tempFolder(), { stage: { cmd: ['no-such-program'], outs: out, retries: 3 } }),
  );
  expect(attemptsOf(ran)).toHaveLength(1);
});

test('an interrupted stage is not attempted again', async () => {
  const stage = await stepped();
  const stop = new AbortController();
  const running = runOnce(pipelineOf(tempFolder(), { stage: { cmd: stage.cmd(), outs: out, retries: 3 } }), {
    signal: stop.signal,
  });
  await stage.started();
  stop.abort();
  expect((await running).code).toBe(130);
  expect(stage.starts).toBe(1);
});

test('a stage that takes longer than its timeout is ended with all that it started, and the fault names the limit', async () => {
  const root = tempFolder();
  const ran = await runOnce(
    pipelineOf(root, {
      slow: {
        cmd: ['sh', '-c', 'echo half > "$1"; setsid sleep 300 & sleep 300', 'sh', '{outs.out}'],
        outs: out,
        timeout: 0.3,
      },
    }),
  );
  expect(ran.code).toBe(1);
  expect(ran.outcomes['slow']).toMatchObject({
    type: 'failed',
    faults: [
      { code: 'ERS_STAGE_TIMEOUT', message: 'slow took longer than its timeout of 0.3 s and was ended.' },
    ],
  });
  expect(attemptsOf(ran).flatMap((attempt) => [...orphansOf(attempt)])).toEqual([]);
  expect(readdirSync(join(root, '.ers/attempts'))).toEqual([]);
});

test('a timeout counts as a failure, after which the next attempt goes on from the checkpoint', async () => {
  holdTimers();
  const stage = await stepped();
  const running = runOnce(
    pipelineOf(tempFolder(), {
      slow: { cmd: stage.cmd({ out: '{outs.out}' }), outs: out, timeout: 3600, retries: 9 },
    }),
  );
  const late = await stage.started();
  await late.write('checkpoint/half', 'half');
  vi.advanceTimersByTime(3600_000);
  await late.ended;
  const next = await stage.started();
  expect(await next.read('checkpoint/half')).toBe('half');
  await next.write('out', 'whole');
  await next.finish();
  const ran = await running;
  expect(ran.story).toEqual(['slow made']);
  expect(retriesOf(ran)).toEqual(['2 of 10']);
});
