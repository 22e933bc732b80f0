import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { orphansOf } from '../../cache/orphans.ts';
import type { EngineEvent } from '../../engine/events.ts';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { attemptOf } from './attempt-of.ts';
import { Project, type Running, type Told } from './project.ts';

/** All before `train` is there. */
let ready: Project;
/** The artifacts of a training that nobody interrupted. */
let whole: Readonly<Record<string, string>>;
beforeAll(async () => {
  await installedRuntime();
  // After a signal in the second epoch there is work left, however late the event came.
  ready = Project.create({ 'train.max_epochs': 5, 'schedule.T_max': 5, 'train.patience': 5 });
  expect((await ready.run('shards')).code).toBe(0);
  const uninterrupted = ready.copy();
  expect((await uninterrupted.run('train')).code).toBe(0);
  whole = uninterrupted.artifacts('artifacts/train');
  expect(Object.keys(whole)).toContain('model/model.safetensors');
}, installLimit);

const secondEpoch = (event: EngineEvent) =>
  event.type === 'stage-event' && event.event.type === 'step' && event.event.epoch === 2;

/** How a run ended; fails if it is still there 5 s after a signal. */
async function endedWithin5s(running: Running): Promise<Told> {
  const ended = await Promise.race([running.ended, pause(5000, undefined, { ref: false })]);
  if (ended === undefined) throw new Error('the run is still there 5 s after the signal');
  return ended;
}

/** The next plain run goes on from the checkpoint and ends with the bytes of the training that nobody interrupted. */
async function expectToGoOn(project: Project): Promise<void> {
  const plain = await project.ers(['run', 'train']);
  expect(plain.code, plain.out).toBe(0);
  expect(plain.out).toMatch(/^train +resumed +never made before; goes on from its checkpoint$/m);
  expect(plain.out).toMatch(/^train +note +Training goes on from its checkpoint in epoch [2-5]/m);
  expect(plain.out).toMatch(/^train +epoch +5\/5:/m);
  expect(project.artifacts('artifacts/train')).toEqual(whole);
}

test.for(['SIGINT', 'SIGTERM'] as const)(
  'after %s the run ends within 5 s with exit code 130 and no process left; the next one goes on to the same bytes',
  async (signal) => {
    const project = ready.copy();
    const running = project.start('train');
    const { id: attempt } = await attemptOf(project, running, 'train');
    await running.until(secondEpoch);
    expect(orphansOf(attempt)).not.toEqual([]);
    running.kill(signal);
    const told = await endedWithin5s(running);
    expect(told.code).toBe(130);
    expect(orphansOf(attempt)).toEqual([]);
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
  const running = project.start('train');
  const { id: attempt } = await attemptOf(project, running, 'train');
  running.kill('SIGINT');
  const told = await endedWithin5s(running);
  expect(told.code).toBe(130);
  expect(told.story).toMatchObject({ train: 'stopped' });
  expect(orphansOf(attempt)).toEqual([]);
  expect((await project.dry('train'))['train']).toBe('run; never made before');
});

test('when the run itself is killed, the next plain one ends what it left and goes on to the same bytes', async () => {
  const project = ready.copy();
  const running = project.start('train');
  const { id: attempt } = await attemptOf(project, running, 'train');
  await running.until(secondEpoch);
  running.kill('SIGKILL');
  await running.ended;
  await expectToGoOn(project);
  expect(orphansOf(attempt)).toEqual([]);
});
