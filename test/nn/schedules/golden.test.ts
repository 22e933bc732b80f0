import { expect, test } from 'vitest';
import { constantRate } from '../../../nn/schedules/constant.ts';
import { cosineAnnealing } from '../../../nn/schedules/cosine-annealing.ts';
import { oneCycle } from '../../../nn/schedules/one-cycle.ts';
import { polynomial } from '../../../nn/schedules/polynomial.ts';
import type { Schedule } from '../../../nn/schedules/schedule.ts';
import { warmUp } from '../../../nn/schedules/warm-up.ts';
import { golden } from '../golden-optimizers.ts';

const { epochs, steps_per_epoch: stepsPerEpoch, rate: initial, ...rates } = golden.schedules;

function eachEpoch(schedule: Schedule): number[] {
  return Array.from({ length: epochs }, (_, epoch) => schedule({ epoch, step: 3 }));
}

function eachStep(schedule: Schedule): number[] {
  return Array.from({ length: epochs * stepsPerEpoch }, (_, at) =>
    schedule({ epoch: Math.floor(at / stepsPerEpoch), step: at % stepsPerEpoch }),
  );
}

function farthest(found: readonly number[], wanted: readonly number[]): number {
  expect(found).toHaveLength(wanted.length);
  return Math.max(...found.map((rate, at) => Math.abs(rate - (wanted[at] ?? NaN))));
}

test('cosine annealing has the rates of PyTorch, every step of an epoch the same', () => {
  const schedule = cosineAnnealing({ initial, minimum: 1e-6, T_max: 5 });
  expect(farthest(eachEpoch(schedule), rates.cosine)).toBeLessThan(1e-11);
});

test('the cosine of the recipe has the rates of PyTorch for 200 epochs: it rises again after 50', () => {
  const schedule = cosineAnnealing({ initial, minimum: 1e-6, T_max: 50 });
  const found = Array.from({ length: 200 }, (_, epoch) => schedule({ epoch, step: 0 }));
  expect(farthest(found, rates.cosine_of_the_recipe)).toBeLessThan(1e-11);
});

test('the polynomial has the rates of PyTorch', () => {
  expect(farthest(eachEpoch(polynomial({ initial, power: 0.9, epochs })), rates.polynomial)).toBeLessThan(
    1e-11,
  );
});

test('one cycle has the rates of PyTorch at every step', () => {
  const schedule = oneCycle({ highest: initial, rise: 0.3, epochs, stepsPerEpoch });
  expect(farthest(eachStep(schedule), rates.one_cycle)).toBeLessThan(1e-11);
});

test('a warm-up rises in a straight line to the first rate of what follows, which then begins', () => {
  const cosine = cosineAnnealing({ initial, minimum: 1e-6, T_max: 5 });
  const found = eachStep(warmUp(2, stepsPerEpoch, cosine));
  const rise = Array.from(
    { length: 2 * stepsPerEpoch },
    (_, at) => (initial * (at + 1)) / (2 * stepsPerEpoch),
  );
  expect(found.slice(0, 2 * stepsPerEpoch)).toEqual(rise);
  expect(found.slice(2 * stepsPerEpoch)).toEqual(eachStep(cosine).slice(0, -2 * stepsPerEpoch));
  expect(warmUp(0, stepsPerEpoch, cosine)).toBe(cosine);
});

test('the constant rate stays', () => {
  expect(eachEpoch(constantRate(initial))).toEqual(Array<number>(epochs).fill(initial));
});
