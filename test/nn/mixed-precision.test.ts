import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { prepareRandom } from '../../base/random.ts';
import { initialState } from '../../nn/initial-state.ts';
import type { State } from '../../nn/trainer/state-program.ts';
import type { Batch, Trainer } from '../../nn/trainer/trainer.ts';
import { installLimit } from '../runtime/installed.ts';
import { smallTrainer } from './small-trainer.ts';
import { tensorFlowForTests } from './tensorflow.ts';

describe('bf16', () => {
  let exact: Trainer;
  let mixed: Trainer;
  let batch: Batch;
  let start: State;
  const losses = (of: Trainer, steps: number, rate: number) =>
    Array.from({ length: steps }, (_, at) => of.train(batch, at + 1, rate));
  beforeAll(async () => {
    await prepareRandom();
    const tensorFlow = await tensorFlowForTests();
    ({ trainer: exact, batch } = smallTrainer(tensorFlow, { size: 64, precision: 'fp32' }));
    ({ trainer: mixed } = smallTrainer(tensorFlow, { size: 64, precision: 'bf16' }));
    start = initialState(exact.parameters, 17);
  }, installLimit);
  beforeEach(() => {
    for (const each of [exact, mixed]) each.write(start);
  });
  afterAll(() => {
    for (const each of [exact, mixed]) each.close();
  });

  test('20 steps of Adam lose as much as in fp32: the first to 1e-3, all to 1 %', () => {
    const [wanted, found] = [losses(exact, 20, 0.001), losses(mixed, 20, 0.001)];
    const apart = wanted.map((loss, at) => Math.abs((found[at] ?? NaN) - loss) / loss);
    expect(apart[0]).toBeLessThan(1e-3);
    expect(Math.max(...apart)).toBeLessThan(0.01);
    // Otherwise it would not be bf16 at all.
    expect(Math.max(...apart)).toBeGreaterThan(0);
  });

  test('it is for training only: the same weights are evaluated in fp32, to the bit', () => {
    exact.train(batch, 1, 0.001);
    mixed.write(exact.state());
    expect(mixed.evaluate(batch)).toEqual(exact.evaluate(batch));
  });

  test('a step far smaller than bf16 could tell moves the weights by its size', () => {
    mixed.train(batch, 1, 1e-6);
    const after = mixed.weights();
    const filters = mixed.parameters.filter(({ name }) => name.endsWith('conv1.weight'));
    expect(filters.length).toBeGreaterThan(5);
    for (const { name } of filters) {
      // Adam's first step is the rate for every weight with a gradient; in bf16, one of 0.1 would move by 0 or 2⁻¹¹.
      const moves = Array.from(after.get(name) ?? [], (now, at) =>
        Math.abs(now - (start.get(name)?.[at] ?? NaN)),
      );
      expect(
        moves.filter((move) => move > 0.8e-6 && move < 1.2e-6).length / moves.length,
        name,
      ).toBeGreaterThan(0.9);
    }
  });
});
