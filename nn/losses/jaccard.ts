import { overlapLoss } from './overlap.ts';
import type { Loss, LossOptions } from './target.ts';

/** smp's `JaccardLoss('multiclass')`: s_c = Σp·y/(Σp + Σy − Σp·y), the soft IoU. */
export function jaccard({ classWeights }: LossOptions): Loss {
  return overlapLoss(1, 1, classWeights);
}
