import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { StageEvent } from '../../../engine/stage.ts';
import { definition } from '../../../stages/train/definition.ts';
import type { HistoryLine } from '../../../stages/train/history.ts';
import { run } from '../../../stages/train/run.ts';
import { stageContext } from '../context.ts';
import { trainingGround } from './ground.ts';
import { trainParams } from './params.ts';

const python = process.env['PYTHON'] ?? 'python3';
const reader = fileURLToPath(new URL('../../../bench/peers/tensorboard_read.py', import.meta.url));
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
const imported = spawnSync(python, ['-c', 'import tensorboard.backend.event_processing.event_accumulator'], {
  env,
});
const missing = imported.status === 0 ? '' : `: skipped, ${python} has no tensorboard`;

/** Tag → [step, value, seconds since 1970]. */
type Points = Readonly<Record<string, readonly (readonly [number, number, number])[]>>;

describe.skipIf(missing !== '')(`curves in the real TensorBoard${missing}`, () => {
  const ground = trainingGround(4);

  const params = trainParams({ model: { decoder_channels: [8, 8, 8, 8, 8] } });

  async function attempt(names: {
    readonly checkpoint: string;
    readonly stopWhen?: (event: StageEvent) => boolean;
  }) {
    const trial = stageContext({
      ...{ definition, params, deps: ground.deps, runtime: ground.runtime },
      checkpoint: join(ground.folder, names.checkpoint),
      logs: join(ground.folder, 'logs'),
      onEvent: (event) => {
        if (names.stopWhen?.(event) === true) trial.stop();
      },
    });
    await run(trial.context);
    return trial;
  }

  test('a training that was stopped before a validation, killed after it, and ended has every step and epoch once', async () => {
    const begun = Date.now() / 1000;
    const at = (epoch: number, step: number) => (event: StageEvent) =>
      event.type === 'step' && event.epoch === epoch && event.step === step;
    const stopped = await attempt({ checkpoint: 'first', stopWhen: at(2, 3) });
    // A kill loses what was done since the checkpoint, but not what was logged of it.
    cpSync(join(ground.folder, 'first'), join(ground.folder, 'second'), { recursive: true });
    const killed = await attempt({ checkpoint: 'first', stopWhen: at(3, 1) });
    const ended = await attempt({ checkpoint: 'second' });

    const read = spawnSync(python, [reader, join(ground.folder, 'logs')], { env, encoding: 'utf8' });
    expect(read.status, read.stderr).toBe(0);
    const points = JSON.parse(read.stdout) as Points;
    const lines = readFileSync(ended.outs['history'] ?? '', 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HistoryLine);
    const steps = lines.flatMap((line) => (line.type === 'step' ? [line] : []));
    const epochs = lines.flatMap((line) => (line.type === 'epoch' ? [line] : []));
    const curve = (tag: string) => (points[tag] ?? []).map(([step, value]) => [step, value]);
    const single = Math.fround;
    expect(curve('loss/step')).toEqual(steps.map(({ loss }, index) => [index + 1, single(loss)]));
    expect(curve('learning_rate')).toEqual(
      steps.map(({ learning_rate: rate }, index) => [index + 1, single(rate)]),
    );
    const ofEpochs = (pick: (line: (typeof epochs)[number]) => number) =>
      epochs.map((line) => [3 * line.epoch, single(pick(line))]);
    expect(curve('epoch')).toEqual(ofEpochs((line) => line.epoch));
    expect(curve('loss/train')).toEqual(ofEpochs((line) => line.train_loss));
    expect(curve('loss/val')).toEqual(ofEpochs((line) => line.val_loss));
    expect(curve('iou/val')).toEqual(ofEpochs((line) => line.val_iou));
    for (const tag of ['pace/images_per_second', 'pace/stall', 'pace/memory_GB']) {
      // The last step before that validation is told again from its checkpoint, which knows only loss and rate.
      expect(curve(tag).map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 7, 8, 9]);
    }
    for (const [, , time] of points['loss/step'] ?? []) {
      expect(time).toBeGreaterThanOrEqual(begun);
      expect(time).toBeLessThanOrEqual(Date.now() / 1000);
    }
    for (const trial of [stopped, killed, ended]) trial.remove();
  });
});
