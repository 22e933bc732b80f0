import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import { orphansOf } from '../../cache/orphans.ts';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { attemptOf, goOnWhenAsked, standsStill } from './attempt-of.ts';
import { Project, type Running, type Told } from './project.ts';

/** All before `train` is there. */
let ready: Project;
/** The artifacts of a training that nobody interrupted. */
let whole: Readonly<Record<string, string>>;
beforeAll(async () => {
  await installedRuntime();
  ready = Project.create({ 'train.max_epochs': 3, 'schedule.T_max': 3, 'train.patience': 3 });
  expect((await ready.run('shards')).code).toBe(0);
  const uninterrupted = ready.copy();
  expect((await uninterrupted.run('train')).code).toBe(0);
  whole = uninterrupted.artifacts('artifacts/train');
  expect(Object.keys(whole)).toContain('model/model.safetensors');
}, installLimit);

/** Where the second epoch is being saved, and the checkpoint of the first one is whole. */
const thirdEpoch = 'step:3.1';

/** Counts to 5 s of its own processor time: as long as 5 s where processors are free, and longer where they have to be shared. */
const fiveSeconds = 'while (process.cpuUsage().user + process.cpuUsage().system < 5e6);';

/** How a run ended; fails if it is still there 5 s after a signal. */
async function endedWithin5s(running: Running): Promise<Told> {
  const limit = spawn(process.execPath, ['-e', fiveSeconds], { stdio: 'ignore' });
  const over = once(limit, 'exit').then(() => undefined);
  const ended = await Promise.race([running.ended, over]);
  limit.kill('SIGKILL');
  await over;
  if (ended === undefined) throw new Error('the run is still there 5 s after the signal');
  return ended;
}

/** The next plain run goes on from the checkpoint and ends with the bytes of the training that nobody interrupted. */
async function expectToGoOn(project: Project): Promise<void> {
  const plain = await project.ers(['run', 'train']);
  expect(plain.code, plain.out).toBe(0);
  expect(plain.out).toMatch(/^train +resumed +never made before; goes on from its checkpoint$/m);
  expect(plain.out).toMatch(/^train +note +Training goes on from its checkpoint in epoch [23]/m);
  expect(plain.out).toMatch(/^train +epoch +3\/3:/m);
  expect(project.artifacts('artifacts/train')).toEqual(whole);
}

test.for(['SIGINT', 'SIGTERM'] as const)(
  'after %s the run ends within 5 s with exit code 130 and no process left; the next one goes on to the same bytes',
  async (signal) => {
    const project = ready.copy();
    const running = project.stoppingAt(thirdEpoch).start('train');
    const attempt = await attemptOf(project, running, 'train');
    await standsStill(attempt);
    running.kill(signal);
    await goOnWhenAsked(attempt);
    const told = await endedWithin5s(running);
    expect(told.code).toBe(130);
    expect(orphansOf(attempt.id)).toEqual([]);
    expect(told.story).toMatchObject({ shards: 'cached', train: 'stopped' });
    expect(told.events.findLast((event) => event.type === 'stage-finished')).toMatchObject({
      outcome: { type: 'stopped', checkpoint: true },
    });
    expect(project.artifacts('artifacts/train')).toEqual({});
    await expectToGoOn(project);
  },
);

test('Ctrl-C before the first step: exit code 130 within 5 s, and the next run begins', async () => {
  const project = ready.copy();
  const running = project.stoppingAt('stage:begun').start('train');
  const attempt = await attemptOf(project, running, 'train');
  await standsStill(attempt);
  running.kill('SIGINT');
  await goOnWhenAsked(attempt);
  const told = await endedWithin5s(running);
  expect(told.code).toBe(130);
  expect(told.story).toMatchObject({ train: 'stopped' });
  expect(orphansOf(attempt.id)).toEqual([]);
  expect((await project.dry('train'))['train']).toBe('run; never made before');
});

test('when the run itself is killed, the next plain one ends what it left and goes on to the same bytes', async () => {
  const project = ready.copy();
  const running = project.stoppingAt(thirdEpoch).start('train');
  const attempt = await attemptOf(project, running, 'train');
  await standsStill(attempt);
  running.kill('SIGKILL');
  await running.ended;
  expect(orphansOf(attempt.id)).not.toEqual([]);
  await expectToGoOn(project);
  expect(orphansOf(attempt.id)).toEqual([]);
});
