import { existsSync, readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { prepareRandom, randomAt } from '../../base/random.ts';
import type { EngineEvent } from '../../engine/events.ts';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { eachStepOnce, stepsIn } from '../stages/train/steps-in.ts';
import { attemptOf, killStage, standsStill, type Attempt } from './attempt-of.ts';
import { filesBelow, Project, type Told } from './project.ts';

/** Another one kills at other moments. */
const seed = process.env['ERS_KILL_SEED'] ?? '1';
/** Of the training: 21 samples in batches of 7, of which three make a step of the optimizer. */
const [epochs, steps] = [3, 3];

/** A training in whose checkpoints there is all that can be: moments, sums of gradients, averages. */
function project(): Project {
  return Project.create({
    'model.decoder_channels': [8, 8, 8, 8, 8],
    'optimizer.clip_norm': 1,
    'schedule.T_max': epochs,
    'train.batch_size': 7,
    'train.max_epochs': epochs,
    'train.accumulate': steps,
    'train.ema': 0.9,
    'train.precision': 'bf16',
  });
}

/** All before the shards is there. */
let divided: Project;
/** The artifacts of a run that nobody killed, and that saved only at the end of each epoch. */
let whole: Readonly<Record<string, string>>;
beforeAll(async () => {
  await prepareRandom();
  await installedRuntime();
  divided = project();
  expect((await divided.run('split')).code).toBe(0);
  const undisturbed = divided.copy();
  const told = await undisturbed.run('evaluate');
  expect(told.code, told.out + told.err).toBe(0);
  expect(stepsIn(undisturbed.read('artifacts/train/history.jsonl'))).toEqual(eachStepOnce(epochs, steps));
  whole = undisturbed.artifacts();
}, installLimit);

interface Kill {
  readonly stage: string;
  /** The stage's process, the run's, or both at once as in a power cut. */
  readonly victim: 'stage' | 'run' | 'both';
  /** A named instant at which the stage stands still (`base/crash-point.ts`), or what the run tells of it. */
  readonly moment: string | ((event: EngineEvent) => boolean);
}

async function kill(killed: Project, { stage, victim, moment }: Kill): Promise<Told & { attempt: Attempt }> {
  const project = typeof moment === 'string' ? killed.stoppingAt(moment) : killed;
  const running = project.start('evaluate');
  const attempt = await attemptOf(killed, running, stage);
  if (typeof moment === 'string') await standsStill(attempt);
  else await running.until(moment);
  if (victim !== 'stage') running.kill('SIGKILL');
  if (victim !== 'run') killStage(attempt);
  return { ...(await running.ended), attempt };
}

/** Where the training of a run says that it goes on. */
function goesOnAt({ events }: Told): string {
  const notes = events.flatMap((event) =>
    event.type === 'stage-event' && event.event.type === 'note' ? [event.event.text] : [],
  );
  return notes.find((text) => text.startsWith('Training goes on from its checkpoint')) ?? 'no checkpoint';
}

test(`killed at moments drawn by chance (seed ${seed}) and continued by plain runs, all is as if nobody had killed it`, async () => {
  const random = randomAt('e2e/kills', seed);
  const killed = divided.copy();
  const pipeline = parseDocument(killed.read('pipeline.yaml'));
  pipeline.setIn(['stages', 'train', 'checkpoint'], 0);
  killed.write('pipeline.yaml', pipeline.toString());

  const progressOf = (stage: string) => (event: EngineEvent) =>
    event.type === 'stage-event' && event.stage === stage && event.event.type === 'progress';
  const storing = (event: EngineEvent) =>
    event.type === 'stage-phase' && event.phase === 'storing' && event.stage === 'shards';
  const [ofShards = storing] = random.shuffle([progressOf('shards'), storing]);
  await kill(killed, { stage: 'shards', victim: 'both', moment: ofShards });

  const saving = `save:written#${random.integer(1, steps)}`;
  const inSaving = await kill(killed, { stage: 'train', victim: 'stage', moment: saving });
  expect(inSaving).toMatchObject({ code: 1, story: { train: 'failed' } });
  // What it had written by then is no checkpoint, and nothing says so.
  expect(existsSync(inSaving.attempt.folder.tmp)).toBe(false);

  // The last batch closes the optimizer's step: what is saved has the sums of one or two.
  await kill(killed, { stage: 'train', victim: 'both', moment: `step:2.${steps}` });
  const runGone = await kill(killed, {
    stage: 'train',
    victim: 'run',
    moment: `step:3.${random.integer(1, steps)}`,
  });
  expect(goesOnAt(runGone)).toMatch(/ in epoch 2, after step [12]\.$/);

  const begun = (event: EngineEvent) => event.type === 'stage-started' && event.stage === 'evaluate';
  const [ofEvaluate = begun] = random.shuffle([progressOf('evaluate'), begun]);
  await kill(killed, { stage: 'evaluate', victim: 'both', moment: ofEvaluate });

  const last = await killed.run('evaluate');
  expect(last.code, last.out + last.err).toBe(0);
  expect(killed.artifacts()).toEqual(whole);
  expect(await killed.ers(['verify'])).toMatchObject({ code: 0, err: '' });
  expect(await killed.ers(['gc', '--older-than', '0h'])).toMatchObject({ code: 0, err: '' });
  for (const folder of ['attempts', 'incoming', 'live', 'quarantine', 'trash']) {
    expect([folder, readdirSync(killed.path('.ers', folder))]).toEqual([folder, []]);
  }
  expect(filesBelow(killed.path('.ers')).filter((path) => /draft|\.tmp/.test(path))).toEqual([]);
});
