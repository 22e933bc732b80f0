import type { Schedule, Span } from './schedule.ts';

/** PyTorch's defaults: the rate begins at highest/25 and ends at a 10⁻⁴ of that. */
const firstDivisor = 25;
const lastDivisor = 1e4;

/**
 * `torch.optim.lr_scheduler.OneCycleLR` (Smith & Topin 2018) with `anneal_strategy='cos'`, stepped once a step: from
 * highest/25 up to `highest` during the first share `rise` of all steps, then down to highest/250 000. The momentum stays
 * as it is (`cycle_momentum=False`).
 */
export function oneCycle({
  highest,
  rise,
  epochs,
  stepsPerEpoch,
}: {
  readonly highest: number;
  /** `pct_start`, in (0, 1). */
  readonly rise: number;
} & Span): Schedule {
  const first = highest / firstDivisor;
  const total = epochs * stepsPerEpoch;
  const peak = rise * total - 1;
  return ({ epoch, step }) => {
    const at = epoch * stepsPerEpoch + step;
    return at <= peak
      ? between(first, highest, peak > 0 ? at / peak : 1)
      : between(highest, first / lastDivisor, Math.min(1, (at - peak) / (total - 1 - peak)));
  };
}

/** Half a cosine wave from a (share 0) to b (share 1). */
function between(a: number, b: number, share: number): number {
  return b + ((a - b) / 2) * (1 + Math.cos(Math.PI * share));
}
