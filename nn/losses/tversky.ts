import { overlapLoss } from './overlap.ts';
import type { Loss, LossOptions } from './target.ts';

/** smp's `TverskyLoss('multiclass', alpha, beta)` with its gamma 1. */
export function tversky({ tverskyAlpha, tverskyBeta, classWeights }: LossOptions): Loss {
  return overlapLoss(tverskyAlpha, tverskyBeta, classWeights);
}
