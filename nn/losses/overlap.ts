import { addInOrder } from '../graph/ops/add-in-order.ts';
import { add, atLeast, divide, isPositive, multiply, scale, subtract } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { exponential } from '../graph/ops/elementwise.ts';
import { sum } from '../graph/ops/shape.ts';
import { logSoftmax } from '../graph/ops/softmax.ts';
import { classMean } from './class-mean.ts';
import { classSums, diagonal } from './class-sums.ts';
import type { Loss } from './target.ts';

const epsilon = 1e-7;

/**
 * How little predicted and true regions overlap: with sums over all pixels of the batch,
 * I = Σp·y, FP = Σp − I, FN = Σy − I, s_c = I/max(I + α·FP + β·FN, ε), l_c = (1 − s_c)·[Σy_c > 0],
 * loss = mean of l_c over all C classes (Salehi et al. 2017, as smp's `TverskyLoss('multiclass')`).
 * A class that the batch does not hold adds 0 and still counts. Ignored pixels are left out of all sums.
 */
export function overlapLoss(alpha: number, beta: number, classWeights: readonly number[] | null): Loss {
  return (graph, logits, { oneHot }) => {
    const sums = classSums(graph, oneHot, exponential(graph, logSoftmax(graph, logits)));
    const shared = diagonal(graph, sums);
    const labelled = sum(graph, oneHot, [0]);
    const falsePositives = subtract(graph, sum(graph, sums, [0]), shared);
    const falseNegatives = subtract(graph, labelled, shared);
    const costs = addInOrder(graph, scale(graph, falsePositives, alpha), scale(graph, falseNegatives, beta));
    const score = divide(graph, shared, atLeast(graph, add(graph, shared, costs), epsilon));
    const missing = subtract(graph, constant(graph, [1]), score);
    return classMean(graph, multiply(graph, missing, isPositive(graph, labelled)), classWeights);
  };
}
