import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Digest } from '../../base/digest.ts';
import { readSafetensors } from '../../formats/safetensors.ts';
import { loadCheckpoint, saveCheckpoint } from '../../stages/train/checkpoint.ts';
import type { Environment } from '../../stages/train/environment.ts';
import { mount } from '../cache/mount.ts';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { tempFolder } from '../temp-folder.ts';
import { attemptOf, goOnWhenAsked, standsStill } from './attempt-of.ts';
import { Project, type Told } from './project.ts';

/** All before `train` is there. */
let ready: Project;
/** The artifacts of a training on two cores that nobody disturbed. */
let whole: Readonly<Record<string, string>>;
beforeAll(async () => {
  await installedRuntime();
  ready = Project.create({
    'model.decoder_channels': [8, 8, 8, 8, 8],
    'schedule.T_max': 3,
    'train.batch_size': 7,
    'train.max_epochs': 3,
  });
  expect((await ready.run('shards')).code).toBe(0);
  const undisturbed = ready.copy();
  expect((await undisturbed.run('train', '--cores', '2')).code).toBe(0);
  whole = undisturbed.artifacts('artifacts/train');
}, installLimit);

/** Level and text of each note of the training. */
function notes({ events }: Told): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'stage-event' && event.stage === 'train' && event.event.type === 'note'
      ? [`${event.event.level}: ${event.event.text}`]
      : [],
  );
}

/** Makes the newest checkpoint in a folder one of another environment; returns the one that it was written in. */
async function moveElsewhere(dir: string, changes: Environment): Promise<Environment> {
  const newest = readdirSync(dir).sort().at(-1) ?? '';
  const file = await readSafetensors(join(dir, newest), newest);
  const about = file.ok ? (file.value.metadata['about'] ?? '') : '';
  const { identity } = JSON.parse(about) as { readonly identity: Digest };
  const found = await loadCheckpoint(dir, identity);
  if (found.status !== 'loaded') throw new Error(found.status);
  const { environment } = found.checkpoint;
  const tmp = tempFolder();
  await saveCheckpoint(
    { dir, tmp, identity },
    { ...found.checkpoint, environment: { ...environment, ...changes } },
  );
  return environment;
}

test('taken up elsewhere and with other cores, a training keeps its threads, warns in what else differs, and is no strict result for those cores', async () => {
  const project = ready.copy();
  const running = project.stoppingAt('step:3.1').start('train', '--cores', '2');
  const attempt = await attemptOf(project, running, 'train');
  await standsStill(attempt);
  running.kill('SIGTERM');
  await goOnWhenAsked(attempt);
  expect((await running.ended).code).toBe(130);

  const there = {
    tensorflow: '2.20.0',
    processor: 'Another CPU',
    'processor features': 'avx',
    execution: 'eager',
    TF_ENABLE_ONEDNN_OPTS: '0',
  };
  const here = await moveElsewhere(attempt.folder.checkpoint, there);
  const changes = Object.entries(there).map(([name, value]) => `${name} ${value} → ${here[name] ?? ''}`);

  const resumed = await project.run('train', '--cores', '3');
  expect(resumed.code, resumed.out + resumed.err).toBe(0);
  expect(notes(resumed)).toEqual(
    expect.arrayContaining([
      'info: TensorFlow uses 2 threads, as when the training was begun: with other numbers its last bits would differ.',
      `warning: Training goes on in another environment (${changes.join(', ')}): the last bits of the result may differ from an uninterrupted run.`,
    ]),
  );
  expect(project.artifacts('artifacts/train')).toEqual(whole);

  expect(await project.dry('train', '--strict-runtime', '--cores', '2')).toMatchObject({ train: 'cached' });
  expect(await project.dry('train', '--strict-runtime', '--cores', '3')).toMatchObject({
    train: 'run; runtime threads 2 → threads 3',
  });
});

test('on a full disk the run fails with the previous checkpoint kept, and goes on from it when there is space again', async (context) => {
  // The store and one checkpoint of 135 MB fit, two do not.
  const disk = mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=200m', 'ers');
  const project = ready.copyTo(join(disk, 'project'));
  const full = await project.run('train', '--cores', '2');
  expect(full).toMatchObject({ code: 1, story: { shards: 'cached', train: 'failed' } });
  expect(full.events.findLast((event) => event.type === 'stage-finished')).toMatchObject({
    outcome: {
      type: 'failed',
      faults: [
        {
          code: 'ERS_DISK_FULL',
          message: 'The disk is full: the checkpoint could not be saved; the previous one is kept.',
          hint: 'Free some space and run again: training goes on from the previous checkpoint.',
        },
      ],
    },
  });
  expect(project.artifacts('artifacts/train')).toEqual({});

  expect(spawnSync('mount', ['-o', 'remount,size=900m', disk]).status).toBe(0);
  const plain = await project.run('train', '--cores', '2');
  expect(plain.code, plain.out + plain.err).toBe(0);
  expect(notes(plain)).toContain('info: Training goes on from its checkpoint in epoch 2.');
  expect(project.artifacts('artifacts/train')).toEqual(whole);
});
