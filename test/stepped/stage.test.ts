import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errnoOf } from '../../cache/errno.ts';
import { pipelineOf, read, runOnce, tempFolder } from '../engine/pipelines.ts';
import { stepped } from './stage.ts';

test('a stepped stage does what it is told, when it is told, and ends as it is told', async () => {
  const root = tempFolder();
  const stage = await stepped();
  const pipeline = pipelineOf(root, {
    slow: { cmd: stage.cmd({ out: '{outs.out}' }), outs: { out: 'out/' } },
  });
  const failing = runOnce(pipeline);
  const first = await stage.started();
  await first.write('out/a', 'half');
  await first.fail(3);
  const failed = await failing;
  expect(failed.outcomes['slow']).toMatchObject({
    type: 'failed',
    faults: [{ message: expect.stringContaining('exit code 3') as string }],
  });
  const going = runOnce(pipeline);
  const second = await stage.started();
  expect(await second.list('out')).toEqual([]);
  await second.write('out/deep/a', 'one');
  await second.append('out/deep/a', ', two');
  expect(await second.read('out/deep/a')).toBe('one, two');
  await second.say('a line');
  expect(await second.shell('exit 4')).toBe(4);
  await expect(second.read('nothing')).rejects.toThrow('this stage knows no nothing');
  await second.finish();
  const ran = await going;
  expect(ran.story).toEqual(['slow made']);
  expect(ran.events).toContainEqual({
    type: 'stage-output',
    stage: 'slow',
    stream: 'stdout',
    line: 'a line',
  });
  expect(read(root, join('artifacts/slow/out/deep/a'))).toBe('one, two');
  expect(stage.starts).toBe(2);
});

/** The engine kills a stage that outlives its grace: it may have been quicker. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

test('a stepped stage that is killed is known to be gone, and what it was asked is refused', async () => {
  const root = tempFolder();
  const stage = await stepped();
  const stop = new AbortController();
  const running = runOnce(pipelineOf(root, { slow: { cmd: stage.cmd(), outs: { out: 'out' } } }), {
    signal: stop.signal,
  });
  const life = await stage.started();
  await life.holdSignals();
  stop.abort();
  expect(await life.signalled).toBe('SIGTERM');
  killIfThere(life.pid);
  await life.ended;
  expect((await running).code).toBe(130);
  await expect(life.say('too late')).rejects.toThrow('the stepped stage ended before it answered');
});
