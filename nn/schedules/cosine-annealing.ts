import type { Schedule } from './schedule.ts';

/**
 * `torch.optim.lr_scheduler.CosineAnnealingLR`, stepped once an epoch:
 * η(e) = η_min + (η₀ − η_min)·(1 + cos(π·e/T_max))/2. Beyond T_max it rises again, with period 2·T_max.
 */
export function cosineAnnealing(options: {
  readonly initial: number;
  readonly minimum: number;
  /** Epochs from the highest to the lowest rate. */
  readonly T_max: number;
}): Schedule {
  const { initial, minimum, T_max } = options;
  return ({ epoch }) => minimum + ((initial - minimum) * (1 + Math.cos((Math.PI * epoch) / T_max))) / 2;
}
