import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { prepareRandom } from '../../../base/random.ts';
import type { StageEvent } from '../../../engine/stage.ts';
import { definition } from '../../../stages/train/definition.ts';
import { run } from '../../../stages/train/run.ts';
import { runtimeDir } from '../../nn/tensorflow.ts';
import { stageContext } from '../context.ts';
import { makeShards } from './shards.ts';

const params = {
  model: {
    architecture: 'unet',
    encoder_name: 'resnet18',
    encoder_weights: null,
    decoder_channels: [32, 16, 16, 8, 8],
    normalisation: 'imagenet',
  },
  loss: { ce: 0.7, dice: 0.3 },
  optimizer: { name: 'adam', lr: 0.001 },
  schedule: { name: 'cosine_annealing', T_max: 3, eta_min: 0.000001 },
  train: { seed: 17, batch_size: 4, max_epochs: 3, patience: 10, precision: 'fp32' },
} as const;
type Params = Parameters<typeof run>[0]['params'];

describe.skipIf(runtimeDir === undefined)(
  'train (skipped without a native runtime: ERS_TEST_RUNTIME)',
  () => {
    let folder = '';
    let deps: Readonly<Record<string, string>> = {};
    beforeAll(async () => {
      await prepareRandom();
      folder = mkdtempSync(join(tmpdir(), 'ers-train-test-'));
      deps = {
        train: await makeShards(folder, { set: 'train', samples: 10, size: 32, classes: 3 }),
        val: await makeShards(folder, { set: 'val', samples: 5, size: 32, classes: 3 }),
      };
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    /** Runs the stage once; `stopWhen` asks it to stop at an event. */
    async function attempt(options: {
      params?: Params;
      checkpoint?: string;
      stopWhen?: (event: StageEvent) => boolean;
    }) {
      const trial = stageContext({
        definition,
        params:
          options.params ??
          structuredClone<Params>({
            ...params,
            model: { ...params.model, decoder_channels: [...params.model.decoder_channels] },
          }),
        deps,
        ...(runtimeDir === undefined ? {} : { runtime: runtimeDir }),
        ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
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
  },
);
