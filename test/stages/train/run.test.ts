import { join } from 'node:path';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import type { StageEvent } from '../../../engine/stage.ts';
import { readSafetensors } from '../../../formats/safetensors.ts';
import { confusionOf, type Confusion } from '../../../nn/metrics/confusion.ts';
import { microImagewiseIou } from '../../../nn/metrics/scores.ts';
import { openPredictor } from '../../../nn/predict.ts';
import { openDataset } from '../../../stages/shards/reader/dataset.ts';
import { definition } from '../../../stages/train/definition.ts';
import { run } from '../../../stages/train/run.ts';
import type { Params } from '../../../stages/train/params.ts';
import { mount } from '../../cache/mount.ts';
import { tempFolder } from '../../temp-folder.ts';
import { stageContext } from '../context.ts';
import { trainingGround } from './ground.ts';
import { trainParams } from './params.ts';

describe('train', () => {
  const ground = trainingGround(5);

  /** Runs the stage once; `stopWhen` asks it to stop at an event. */
  async function attempt(options: {
    params?: Params;
    checkpoint?: string;
    tmp?: string;
    stopWhen?: (event: StageEvent) => boolean;
  }) {
    const trial = stageContext({
      definition,
      params: options.params ?? trainParams(),
      deps: ground.deps,
      runtime: ground.runtime,
      ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
      ...(options.tmp === undefined ? {} : { tmp: options.tmp }),
      onEvent: (event) => {
        if (options.stopWhen?.(event) === true) trial.stop();
      },
    });
    const result = await run(trial.context);
    return { trial, result };
  }

  function bytesOf(outs: Readonly<Record<string, string>>): Record<string, string> {
    const model = outs['model'] ?? '';
    return {
      'model.json': readFileSync(join(model, 'model.json'), 'utf8'),
      'model.safetensors': sha256(readFileSync(join(model, 'model.safetensors'))),
      'last.safetensors': sha256(readFileSync(join(model, 'last.safetensors'))),
      'history.jsonl': readFileSync(outs['history'] ?? '', 'utf8'),
    };
  }

  test('stopped after any step and taken up again, it gives the same bytes as a run that was never stopped', async () => {
    const whole = await attempt({});
    expect(whole.result).toEqual({ ok: true, value: { status: 'done' } });
    const expected = bytesOf(whole.trial.outs);
    expect(expected['history.jsonl']?.split('\n').length).toBe(3 * (3 + 1) + 1);

    // In the middle of the second epoch, and then at the end of the last step of the third.
    const first = await attempt({ stopWhen: (e) => e.type === 'step' && e.epoch === 2 && e.step === 2 });
    expect(first.result).toEqual({ ok: true, value: { status: 'stopped' } });
    const checkpoint = first.trial.context.checkpoint;
    const second = await attempt({
      checkpoint,
      stopWhen: (e) => e.type === 'step' && e.epoch === 3 && e.step === 3,
    });
    expect(second.result).toEqual({ ok: true, value: { status: 'stopped' } });
    const third = await attempt({ checkpoint });
    expect(third.result).toEqual({ ok: true, value: { status: 'done' } });
    expect(bytesOf(third.trial.outs)).toEqual(expected);
    for (const { trial } of [whole, first, second, third]) trial.remove();
  });

  test('the weights that it writes are the ones that a predictor uses, and fit smp’s names', async () => {
    const { trial } = await attempt({});
    const modelDir = trial.outs['model'] ?? '';
    const predictor = await openPredictor({ modelDir, runtimeDir: ground.runtime, batch: 4 });
    const dataset = await openDataset(ground.deps['val'] ?? '', 'val');
    const confusions: Confusion[] = [];
    for (const places of [[0, 1, 2, 3], [4]]) {
      const { images, masks, n } = await dataset.read(places);
      const classes = predictor.predict(images, n);
      expect(classes.length).toBe(n * 32 * 32);
      for (let image = 0; image < n; image += 1) {
        const part = [image * 1024, (image + 1) * 1024] as const;
        confusions.push(confusionOf(classes.subarray(...part), masks.subarray(...part), 3, 255));
      }
    }
    predictor.close();
    await dataset.close();
    // The predictor's classes give the very val_iou that training recorded for its best epoch.
    const epochs = trial.events.filter((event) => event.type === 'epoch');
    const best = Math.max(...epochs.map((event) => event.valIou));
    expect(microImagewiseIou(confusions)).toBe(best);
    const model = JSON.parse(readFileSync(join(modelDir, 'model.json'), 'utf8')) as { best: unknown };
    expect(model.best).toEqual({ epoch: epochs.at(-1)?.bestEpoch, val_iou: best });
    const file = await readSafetensors(join(modelDir, 'last.safetensors'));
    expect(file.ok && file.value.tensors.get('encoder.conv1.weight')?.shape).toEqual([64, 3, 7, 7]);
    expect(file.ok && file.value.tensors.get('encoder.bn1.num_batches_tracked')?.bytes[0]).toBe(9);
    trial.remove();
  });

  const others: readonly Parameters<typeof trainParams>[0][] = [
    {
      loss: { ce: 0, dice: 0, focal: 1, tversky: 1, class_weights: [1, 2, 0.5] },
      optimizer: { name: 'adamw', weight_decay: 0.01 },
      schedule: { name: 'one_cycle' },
    },
    {
      loss: { ce: 0, dice: 0, jaccard: 1, lovasz: 1 },
      optimizer: { name: 'sgd', lr: 0.01, weight_decay: 0.001 },
      schedule: { name: 'polynomial', warmup_epochs: 1 },
    },
    // Three batches an epoch, two a step of the optimizer: it is stopped between them.
    {
      optimizer: { clip_norm: 0.5 },
      schedule: { name: 'one_cycle' },
      train: { accumulate: 2, ema: 0.9, batch_size: 4, max_epochs: 3 },
    },
  ];
  test.each(others)('with %o too, stopped within an epoch it goes on to the same bytes', async (changes) => {
    const params = trainParams(changes);
    const whole = await attempt({ params });
    expect(whole.result).toEqual({ ok: true, value: { status: 'done' } });
    const stopped = await attempt({
      params,
      stopWhen: (event) => event.type === 'step' && event.epoch === 2 && event.step === 1,
    });
    expect(stopped.result).toEqual({ ok: true, value: { status: 'stopped' } });
    const again = await attempt({ params, checkpoint: stopped.trial.context.checkpoint });
    expect(bytesOf(again.trial.outs)).toEqual(bytesOf(whole.trial.outs));
    const rates = whole.trial.events.flatMap((event) => (event.type === 'step' ? [event.learningRate] : []));
    expect(new Set(rates).size).toBeGreaterThan(3);
    for (const { trial } of [whole, stopped, again]) trial.remove();
  });

  test('class weights auto train the same weights as the list that auto became, which is told and kept', async () => {
    const of = (weights: 'auto' | number[]) =>
      attempt({ params: trainParams({ loss: { class_weights: weights }, train: { max_epochs: 1 } }) });
    const auto = await of('auto');
    const notes = auto.trial.events.flatMap((event) => (event.type === 'note' ? [event] : []));
    const { histogram } = JSON.parse(
      readFileSync(join(ground.deps['train'] ?? '', 'dataset.json'), 'utf8'),
    ) as {
      readonly histogram: readonly number[];
    };
    const all = histogram.reduce((sum, pixels) => sum + pixels, 0);
    const list = histogram.map((pixels) => all / (3 * pixels));
    const [a, b, c] = list.map((weight) => Number(weight.toPrecision(4)));
    // Before the first step; the pace is told at the end.
    expect(notes[0]).toEqual({
      type: 'note',
      level: 'info',
      text: `loss.class_weights: auto gives ${a} for class value 0; ${b} for 1; ${c} for 2.`,
    });
    const listed = await of(list);
    const [ofAuto, ofList] = [bytesOf(auto.trial.outs), bytesOf(listed.trial.outs)];
    expect(ofAuto['model.safetensors']).toBe(ofList['model.safetensors']);
    expect(ofAuto['history.jsonl']).toBe(ofList['history.jsonl']);
    expect(JSON.parse(ofAuto['model.json'] ?? '')).toHaveProperty('class_weights', list);
    expect(JSON.parse(ofList['model.json'] ?? '')).not.toHaveProperty('class_weights');
    for (const { trial } of [auto, listed]) trial.remove();
  });

  test('class weights that are not as many as the trained classes are a fault', async () => {
    const { trial, result } = await attempt({ params: trainParams({ loss: { class_weights: [1, 2] } }) });
    expect(result).toMatchObject({
      ok: false,
      faults: [
        {
          code: 'ERS_SCHEMA',
          message: '`loss.class_weights` holds 2 factors; 3 classes are trained.',
          about: { param: ['loss', 'class_weights'] },
        },
      ],
    });
    trial.remove();
  });

  test('a last batch that gives batch norms one value a channel is refused before training begins', async () => {
    const { trial, result } = await attempt({
      params: trainParams({ train: { batch_size: 9, max_epochs: 1 } }),
    });
    expect(result).toMatchObject({ ok: false, faults: [{ code: 'ERS_BATCH_TOO_SMALL' }] });
    expect(trial.events).toEqual([]);
    trial.remove();
  });

  // With two batches a step of the optimizer, the third is the first that meets weights that have moved.
  test.each([
    [1, '[23]'],
    [2, '3'],
  ])(
    'a loss that is not finite stops it with the epoch, the step and the samples (accumulate: %d)',
    async (accumulate, step) => {
      const { trial, result } = await attempt({
        params: trainParams({ optimizer: { lr: 1e30 }, train: { batch_size: 4, max_epochs: 3, accumulate } }),
      });
      expect(result).toMatchObject({ ok: false, faults: [{ code: 'ERS_LOSS_NOT_FINITE' }] });
      const message = result.ok ? '' : (result.faults[0]?.message ?? '');
      expect(message).toMatch(
        new RegExp(
          `^The loss became (NaN|Infinity) at epoch 1, step ${step}, on the samples\ntrain-0\\d+ images/train-0\\d+\\.png\n`,
        ),
      );
      trial.remove();
    },
  );

  test('weights that are NaN below a ReLU, which hides it from the loss, stop it too', async () => {
    const { trial, result } = await attempt({
      params: trainParams({
        optimizer: { name: 'sgd', lr: 1e6 },
        train: { batch_size: 4, max_epochs: 2 },
      }),
    });
    expect(result).toMatchObject({
      ok: false,
      faults: [
        {
          code: 'ERS_LOSS_NOT_FINITE',
          message: expect.stringMatching(/^The loss became NaN at .*epoch \d/) as string,
        },
      ],
    });
    trial.remove();
  });

  test('a damaged checkpoint is named and not used: training starts anew and gives the same bytes', async () => {
    const short = trainParams({ train: { max_epochs: 1 } });
    const whole = await attempt({ params: short });
    const stopped = await attempt({
      params: short,
      stopWhen: (event) => event.type === 'step' && event.step === 2,
    });
    const { checkpoint } = stopped.trial.context;
    const file = join(checkpoint, 'state-00000001-00000002.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const again = await attempt({ params: short, checkpoint });
    expect(again.trial.events).toContainEqual({
      type: 'note',
      level: 'warning',
      text: 'The checkpoint is not used, because its content does not match its digest; training starts anew.',
    });
    expect(bytesOf(again.trial.outs)).toEqual(bytesOf(whole.trial.outs));
    for (const { trial } of [whole, stopped, again]) trial.remove();
  });

  test('on a full disk training ends with the fault of the saving, though that goes on in the background', async (context) => {
    const disk = mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=8m', 'ers');
    const [checkpoint, tmp] = [join(disk, 'checkpoint'), join(disk, 'tmp')];
    const { trial, result } = await attempt({ checkpoint, tmp });
    expect(result).toMatchObject({ ok: false, faults: [{ code: 'ERS_DISK_FULL' }] });
    expect([checkpoint, tmp].flatMap((dir) => readdirSync(dir))).toEqual([]);
    // Told as soon as it is known, not at the end: nothing was written into the outs.
    expect(readdirSync(trial.outs['model'] ?? '')).toEqual([]);
    trial.remove();
  });
});
