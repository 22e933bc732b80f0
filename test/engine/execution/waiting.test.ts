import { spawn } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeSelf } from '../../../cache/holder.ts';
import type { Pipeline } from '../../../engine/definition/types.ts';
import { printerInto } from '../../ui/printed.ts';
import { stepped, type Stepped } from '../../stepped/stage.ts';
import { pipelineOf, read, runOnce, tempFolder, type RunOptions, type Sketch } from '../pipelines.ts';

const slowOf = (stage: Stepped): Sketch => ({
  cmd: stage.cmd({ out: '{outs.out}' }),
  outs: { out: 'out.txt' },
});

/** A run that tells when it waits; its lines are those of a log. */
function waitingRun(pipeline: Pipeline, options: RunOptions = {}) {
  const lines: string[] = [];
  const print = printerInto(lines);
  let waits: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const ended = runOnce(pipeline, {
    ...options,
    onEvent: (event) => {
      print(event);
      options.onEvent?.(event);
      if (event.type === 'stage-waiting') waits();
    },
  });
  return { lines, waiting, ended };
}

test('a run that waits says for which process, on which host and since when', async () => {
  const stage = await stepped();
  const pipeline = pipelineOf(tempFolder(), { slow: slowOf(stage) });
  const first = runOnce(pipeline);
  const life = await stage.started();
  const second = waitingRun(pipeline);
  await second.waiting;
  await life.write('out', 'once');
  await life.finish();
  expect((await first).story).toEqual(['slow made']);
  expect((await second.ended).story).toEqual(['slow cached']);
  expect(second.lines[1]).toMatch(
    /^slow {6}waiting {4}made by process \d+ on \S+ since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
  );
  expect(second.lines[2]).toBe('slow      cached     another run has just made it');
  expect(stage.starts).toBe(1);
});

test('a stage that waits for another of its own run names it, and then says what happened', async () => {
  const stage = await stepped();
  const below = { ...slowOf(stage), deps: { in: 'first:out' } };
  const pipeline = pipelineOf(
    tempFolder(),
    // Only when `first` is made it shows that the two have one key.
    { first: { cmd: 'echo 1 > {outs.out}', outs: { out: 'out.txt' } }, one: below, two: below },
    { targets: ['one', 'two'] },
  );
  const run = waitingRun(pipeline, { jobs: 2 });
  await run.waiting;
  const life = await stage.started();
  await life.write('out', 'once');
  await life.finish();
  const { outcomes } = await run.ended;
  // Which of the two is quicker is open.
  const [maker, waiter] = outcomes['one']?.type === 'made' ? ['one', 'two'] : ['two', 'one'];
  expect(stage.starts).toBe(1);
  expect(run.lines).toContain(`${waiter}       waiting    for ${maker}, which makes the same`);
  expect(run.lines).toContain(`${waiter}       cached     same result as ${maker}, made in this run`);
});

test('with --no-wait a run begins its own attempt, and both results are right', async () => {
  const stage = await stepped();
  const pipeline = pipelineOf(tempFolder(), { slow: slowOf(stage) });
  const first = runOnce(pipeline);
  const theirs = await stage.started();
  const second = runOnce(pipeline, { noWait: true });
  const own = await stage.started();
  await own.write('out', 'same bytes');
  await own.finish();
  expect((await second).story).toEqual(['slow made']);
  expect(read(pipeline.root, 'artifacts/slow/out.txt')).toBe('same bytes');
  await theirs.write('out', 'same bytes');
  await theirs.finish();
  expect((await first).story).toEqual(['slow made']);
  expect((await runOnce(pipeline)).story).toEqual(['slow cached']);
});

test('a stage that waits for another run holds no slot: others go on with one job', async () => {
  const [stage, other] = [await stepped(), await stepped()];
  const root = tempFolder();
  const first = runOnce(pipelineOf(root, { slow: slowOf(stage) }));
  const life = await stage.started();
  const both = pipelineOf(
    root,
    { slow: slowOf(stage), other: slowOf(other) },
    { targets: ['slow', 'other'] },
  );
  const second = waitingRun(both, { jobs: 1 });
  const own = await other.started();
  await second.waiting;
  await own.write('out', 'meanwhile');
  await own.finish();
  await life.write('out', 'at last');
  await life.finish();
  await first;
  expect((await second.ended).story.toSorted()).toEqual(['other made', 'slow cached']);
});

test('a forced stage waits for the one at work, then runs itself', async () => {
  const stage = await stepped();
  const pipeline = pipelineOf(tempFolder(), { slow: slowOf(stage) });
  const first = runOnce(pipeline);
  const life = await stage.started();
  const second = waitingRun(pipeline, { force: true });
  await second.waiting;
  await life.write('out', 'x');
  await life.finish();
  const own = await stage.started();
  await own.write('out', 'x');
  await own.finish();
  expect((await first).story).toEqual(['slow made']);
  expect((await second.ended).outcomes['slow']).toMatchObject({ type: 'made', same: true });
});

test('a run that is stopped while it only waited says no word of starting anew', async () => {
  const stage = await stepped();
  const pipeline = pipelineOf(tempFolder(), { slow: slowOf(stage) });
  const first = runOnce(pipeline);
  const life = await stage.started();
  const stop = new AbortController();
  const second = waitingRun(pipeline, { signal: stop.signal });
  await second.waiting;
  stop.abort();
  const ran = await second.ended;
  expect(ran.code).toBe(130);
  expect(ran.outcomes['slow']).toEqual({ type: 'skipped', because: 'interrupted' });
  expect(second.lines.join('\n')).not.toContain('anew');
  await life.write('out', 'x');
  await life.finish();
  await first;
});

test.each([
  ['host', { host: 'elsewhere:0123456789ab' }],
  ['pid namespace', { pidNamespace: 'pid:[1]' }],
])(
  'a holder in another %s is waited for, with advice; it is never judged, nor is its process ended',
  async (_, other) => {
    const stage = await stepped();
    const pipeline = pipelineOf(tempFolder(), { slow: slowOf(stage) });
    const attempts = join(pipeline.root, '.ers/attempts');
    const bystander = spawn('sleep', ['300']);
    onTestFinished(() => void bystander.kill());
    const stop = new AbortController();
    const first = runOnce(pipeline, { signal: stop.signal });
    const { attempt } = await stage.started();
    const foreign = join(attempts, '000000001-0123456789ab');
    cpSync(join(attempts, attempt), foreign, { recursive: true, verbatimSymlinks: true });
    const holder = {
      ...describeSelf('000000001-0123456789ab'),
      pid: bystander.pid,
      startTime: '1',
      ...other,
    };
    writeFileSync(join(foreign, 'holder.json'), JSON.stringify(holder));
    const { bootId, pidNamespace } = holder;
    writeFileSync(join(foreign, 'group'), JSON.stringify({ group: bystander.pid, bootId, pidNamespace }));
    stop.abort();
    expect((await first).code).toBe(130);
    const text = readFileSync(join(foreign, 'holder.json'), 'utf8');

    const second = waitingRun(pipeline);
    await second.waiting;
    const host = holder.host.split(':')[0] ?? '';
    expect(second.lines[1]).toBe(
      `slow      waiting    made by process ${bystander.pid ?? 0} on ${host} since 1970-01-01 00:00:00 UTC ` +
        `(whether it lives cannot be seen from here; if it is gone for good, remove ${foreign})`,
    );
    expect(readFileSync(join(foreign, 'holder.json'), 'utf8')).toBe(text);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    rmSync(foreign, { recursive: true });
    const life = await stage.started();
    await life.write('out', 'x');
    await life.finish();
    expect((await second.ended).story).toEqual(['slow made']);
    expect(existsSync(foreign)).toBe(false);
    expect(readdirSync(attempts)).toEqual([]);
  },
);
