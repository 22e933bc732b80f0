import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareRandom, randomAt } from '../../../base/random.ts';
import { runtimeForTests } from '../../nn/tensorflow.ts';
import { installLimit } from '../../runtime/installed.ts';
import { trainParams } from './params.ts';
import { makeShards } from './shards.ts';
import { eachStepOnce, stepsIn } from './steps-in.ts';
import { Trainings, type KillAt, type TrainingEnd, type TrainingOptions } from './trainings.ts';

const folder = mkdtempSync(join(tmpdir(), 'ers-killed-'));
let trainings: Trainings;
let options: Omit<TrainingOptions, 'checkpoint' | 'checkpointEvery'>;
/** Nobody disturbed it, and it saved only at the end of each epoch. */
let whole: TrainingEnd;
beforeAll(async () => {
  await prepareRandom();
  trainings = await Trainings.prepare(join(folder, 'tmp'));
  const [size, classes] = [32, 3];
  options = {
    // Five batches an epoch, three a step of the optimizer: of three steps in four the sums of gradients are not empty.
    params: trainParams({
      model: { encoder_name: 'resnet18', decoder_channels: [8, 8, 8, 8, 8] },
      optimizer: { clip_norm: 1 },
      train: { batch_size: 2, max_epochs: 4, accumulate: 3, ema: 0.9 },
    }),
    deps: {
      train: await makeShards(folder, { set: 'train', samples: 10, size, classes }),
      val: await makeShards(folder, { set: 'val', samples: 2, size, classes }),
    },
    runtime: await runtimeForTests(),
  };
  whole = await trainings.run(
    { ...options, checkpoint: join(folder, 'whole'), checkpointEvery: 600 },
    { threads: 2 },
  );
  expect(whole.result).toEqual({ ok: true, value: { status: 'done' } });
}, installLimit);
afterAll(() => {
  trainings.remove();
  rmSync(folder, { recursive: true });
});

test('each step stands once in the history', () => {
  expect(stepsIn(whole.bytes['history.jsonl'] ?? '')).toEqual(eachStepOnce(4, 5));
});

test('killed after five steps drawn by chance, within a saving, and in the epoch after one that did not end, it ends in the bytes of the one that nobody killed', async () => {
  const mine = {
    ...options,
    checkpoint: join(folder, 'killed'),
    tmp: join(folder, 'killed-tmp'),
    checkpointEvery: 0,
  };
  const draft = join(mine.tmp, 'checkpoint-draft.safetensors');
  const steps = Array.from({ length: 5 }, (_, at) => randomAt('killed', 1, at).integer(2, 5));
  const killAt = async (at: TrainingOptions, crashAt: KillAt) => {
    const killed = await trainings.run(at, { threads: 2, crashAt });
    expect([crashAt, killed.result]).toEqual([crashAt, undefined]);
    return killed;
  };
  for (const step of steps.slice(0, 2)) await killAt(mine, `step:done#${step}`);
  // Nobody reads this pipe: the saving at the end of an epoch waits for ever, while the next epoch trains.
  const there = readdirSync(mine.checkpoint);
  rmSync(draft, { force: true });
  execFileSync('mkfifo', [draft]);
  const { events } = await killAt({ ...mine, checkpointEvery: 600 }, 'step:done#6');
  const ended = events.findIndex((event) => event.type === 'epoch' && event.past !== true);
  expect(events.slice(ended).filter(({ type }) => type === 'step')).not.toEqual([]);
  rmSync(draft);
  expect(readdirSync(mine.checkpoint)).toEqual(there);
  for (const step of steps.slice(2)) await killAt(mine, `step:done#${step}`);
  await killAt(mine, 'save:written');
  // As if it had been killed while it wrote.
  truncateSync(draft, Math.floor(statSync(draft).size / 2));
  // Told to use another number of threads: the sums would have other bits.
  const last = await trainings.run(mine, { threads: 3 });
  expect(last.result).toEqual({ ok: true, value: { status: 'done', runtime: { threads: 2 } } });
  expect(last.events).toContainEqual({
    type: 'note',
    level: 'info',
    text: 'TensorFlow uses 2 threads, as when the training was begun: with other numbers its last bits would differ.',
  });
  expect(last.events).not.toContainEqual(expect.objectContaining({ level: 'warning' }));
  expect(last.bytes).toEqual(whole.bytes);
});
