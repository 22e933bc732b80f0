import { addInOrder } from '../graph/ops/add-in-order.ts';
import { scale } from '../graph/ops/arithmetic.ts';
import { crossEntropy } from './cross-entropy.ts';
import { dice } from './dice.ts';
import { focal } from './focal.ts';
import { jaccard } from './jaccard.ts';
import { lovasz } from './lovasz.ts';
import { lossDefaults, type Loss, type LossOptions } from './target.ts';
import { tversky } from './tversky.ts';

/** Add a loss: its file, and its name here. */
const losses = { ce: crossEntropy, dice, focal, jaccard, tversky, lovasz } satisfies Record<
  string,
  (options: LossOptions) => Loss
>;

type LossName = keyof typeof losses;

export const lossNames = Object.keys(losses) as readonly LossName[];

/** Weight of each loss; one that is missing or 0 takes no part. At least one is positive. */
export type LossWeights = Readonly<Partial<Record<LossName, number>>>;

/** Σ weight·loss, in the order of the table. */
export function weightedLoss(weights: LossWeights, options: LossOptions = lossDefaults): Loss {
  const used = lossNames.flatMap((name) => {
    const weight = weights[name] ?? 0;
    return weight === 0 ? [] : [{ weight, loss: losses[name](options) }];
  });
  return (graph, logits, target) => {
    const terms = used.map(({ weight, loss }) => scale(graph, loss(graph, logits, target), weight));
    const [first, ...rest] = terms;
    if (first === undefined) throw new Error('Internal error: every loss has the weight 0');
    return rest.reduce((total, term) => addInOrder(graph, total, term), first);
  };
}
