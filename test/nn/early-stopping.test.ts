import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isBetterScore, notStopped, observe } from '../../nn/early-stopping.ts';

/** Made by bench/peers/lightning_golden.py; NaN and infinity are strings there. */
interface Golden {
  readonly cases: readonly {
    readonly patience: number;
    readonly val_loss: readonly (number | string)[];
    readonly val_iou: readonly number[];
    /** How many epochs Lightning ran. */
    readonly epochs: number;
    /** The epoch that it kept, from 0. */
    readonly best: number;
  }[];
}

const path = new URL('../golden/nn/lightning.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;

function after(values: readonly number[], patience: number) {
  return values.reduce((state, value) => observe(state, value, patience), notStopped);
}

test('it stops when `patience` values in a row were not lower than the best', () => {
  expect(after([1, 0.5, 0.6, 0.7], 3)).toEqual({ best: 0.5, waited: 2, stop: false });
  expect(after([1, 0.5, 0.6, 0.7, 0.8], 3)).toEqual({ best: 0.5, waited: 3, stop: true });
});

test('an equal value is no improvement, a lower one starts the count anew', () => {
  expect(after([0.5, 0.5], 10).waited).toBe(1);
  expect(after([0.5, 0.6, 0.4], 10)).toEqual({ best: 0.4, waited: 0, stop: false });
});

test('it stops at once on a value that is not finite', () => {
  expect(after([0.5, NaN], 10).stop).toBe(true);
  expect(after([Infinity], 10).stop).toBe(true);
});

test('real Lightning stops after as many epochs and keeps the same one, with equal values and NaN among them', () => {
  const ours = golden.cases.map(({ patience, val_loss: losses, val_iou: scores }) => {
    let [state, best, epochs] = [notStopped, 0, 0];
    for (const [epoch, loss] of losses.entries()) {
      if (state.stop) break;
      state = observe(state, Number(loss === 'inf' ? Infinity : loss), patience);
      if (isBetterScore(scores[epoch] ?? NaN, epoch === 0 ? null : (scores[best] ?? NaN))) best = epoch;
      epochs += 1;
    }
    return { epochs, best };
  });
  expect(ours).toEqual(golden.cases.map(({ epochs, best }) => ({ epochs, best })));
  // It is a test of stopping early, and of running to the end.
  const stopped = golden.cases.filter(({ epochs, val_loss: losses }) => epochs < losses.length);
  expect([stopped.length > 5, stopped.length < golden.cases.length]).toEqual([true, true]);
});
