import { overlapLoss } from './overlap.ts';
import type { Loss, LossOptions } from './target.ts';

/** smp's `DiceLoss('multiclass')`: s_c = 2Σp·y/(Σp + Σy). */
export function dice({ classWeights }: LossOptions): Loss {
  return overlapLoss(0.5, 0.5, classWeights);
}
