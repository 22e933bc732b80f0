import type { Schedule } from './schedule.ts';

/**
 * During the first `epochs` the rate rises with each step in a straight line, η = first·(s + 1)/(steps of these epochs), to
 * the first rate of `then`, which begins after them.
 */
export function warmUp(epochs: number, stepsPerEpoch: number, then: Schedule): Schedule {
  if (epochs === 0) return then;
  const steps = epochs * stepsPerEpoch;
  const first = then({ epoch: 0, step: 0 });
  return ({ epoch, step }) =>
    epoch < epochs
      ? (first * (epoch * stepsPerEpoch + step + 1)) / steps
      : then({ epoch: epoch - epochs, step });
}
