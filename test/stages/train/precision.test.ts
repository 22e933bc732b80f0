import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StageEvent } from '../../../engine/stage.ts';
import { hasBf16, processor } from '../../../runtime/machine.ts';
import { definition } from '../../../stages/train/definition.ts';
import { run } from '../../../stages/train/run.ts';
import { stageContext } from '../context.ts';
import { trainingGround } from './ground.ts';
import { trainParams } from './params.ts';

describe('train.precision: bf16', () => {
  const ground = trainingGround(3);

  async function attempt({
    checkpoint,
    stopWhen,
  }: { checkpoint?: string; stopWhen?: (event: StageEvent) => boolean } = {}) {
    const params = trainParams({ train: { batch_size: 4, max_epochs: 2, precision: 'bf16' } });
    const trial = stageContext({
      definition,
      params,
      deps: ground.deps,
      runtime: ground.runtime,
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
