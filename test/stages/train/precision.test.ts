import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import type { StageEvent } from '../../../engine/stage.ts';
import { hasBf16, processor } from '../../../runtime/machine.ts';
import { definition } from '../../../stages/train/definition.ts';
import { run } from '../../../stages/train/run.ts';
import { slowPrecision } from '../../../stages/train/slow-precision.ts';
import { runtimeForTests } from '../../nn/tensorflow.ts';
import { installLimit } from '../../runtime/installed.ts';
import { stageContext } from '../context.ts';
import { trainParams } from './params.ts';
import { makeShards } from './shards.ts';

describe('train.precision: bf16', () => {
  let folder = '';
  let runtime = '';
  let deps: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    await prepareRandom();
    runtime = await runtimeForTests();
    folder = mkdtempSync(join(tmpdir(), 'ers-bf16-test-'));
    deps = {
      train: await makeShards(folder, { set: 'train', samples: 10, size: 32, classes: 3 }),
      val: await makeShards(folder, { set: 'val', samples: 3, size: 32, classes: 3 }),
    };
  }, installLimit);
  afterAll(() => rmSync(folder, { recursive: true }));

  async function attempt({
    checkpoint,
    stopWhen,
  }: { checkpoint?: string; stopWhen?: (event: StageEvent) => boolean } = {}) {
    const params = trainParams({ train: { batch_size: 4, max_epochs: 2, precision: 'bf16' } });
    const trial = stageContext({
      definition,
      params,
      deps,
      runtime,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      onEvent: (event) => {
        if (stopWhen?.(event) === true) trial.stop();
      },
    });
    return { trial, result: await run(trial.context) };
  }

  function bytesOf(outs: Readonly<Record<string, string>>): readonly Buffer[] {
    return ['model/model.safetensors', 'model/last.safetensors', 'model/model.json', 'history'].map(
      (path) => {
        const [out = '', ...rest] = path.split('/');
        return readFileSync(join(outs[out] ?? '', ...rest));
      },
    );
  }

  test('stopped within an epoch and taken up again, it gives the bytes of a run that was never stopped', async () => {
    const whole = await attempt();
    expect(whole.result).toEqual({ ok: true, value: { status: 'done' } });
    const stopped = await attempt({
      stopWhen: (event) => event.type === 'step' && event.epoch === 2 && event.step === 1,
    });
    expect(stopped.result).toEqual({ ok: true, value: { status: 'stopped' } });

    const { checkpoint } = stopped.trial.context;
    const again = await attempt({ checkpoint });
    const [found, wanted] = [again, whole].map(({ trial }) => bytesOf(trial.outs));
    expect(found?.map((bytes, at) => wanted?.[at]?.equals(bytes))).toEqual([true, true, true, true]);

    const warnings = whole.trial.events.filter((event) => event.type === 'note' && event.level === 'warning');
    expect(warnings.length).toBe(hasBf16(processor().features) === false ? 1 : 0);
    for (const { trial } of [whole, stopped, again]) trial.remove();
  });
});

describe('a processor without bf16 instructions', () => {
  const old = { model: 'Old CPU @ 2.40GHz', features: ['avx', 'avx2', 'fma'] };

  test('is warned of, with what to do', () => {
    expect(slowPrecision('bf16', old, false)).toBe(
      'The processor (Old CPU @ 2.40GHz) has no bf16 instructions: they are imitated, which is slower than fp32. Set train.precision to fp32, or train on a machine that has avx512_bf16 or amx_bf16.',
    );
  });

  test.each([
    ['in fp32', 'fp32', old, false],
    ['beside a GPU', 'bf16', old, true],
    ['with bf16 instructions', 'bf16', { ...old, features: [...old.features, 'avx512_bf16'] }, false],
    ['of an ARM processor that has them', 'bf16', { ...old, features: ['asimd', 'bf16'] }, false],
    ['where the system names no features', 'bf16', { ...old, features: [] }, false],
  ] as const)('is not warned of %s', (_, precision, cpu, usesGpu) => {
    expect(slowPrecision(precision, cpu, usesGpu)).toBeUndefined();
  });
});
