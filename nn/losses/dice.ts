import { dimension, type Graph, type Tensor } from '../graph/graph.ts';
import { add, atLeast, divide, isPositive, multiply, scale, subtract } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { reshape, sum } from '../graph/ops/shape.ts';
import { softmax } from '../graph/ops/softmax.ts';
import type { Loss } from './target.ts';

const epsilon = 1e-7;

/**
 * smp's `DiceLoss('multiclass')`: with sums over all pixels of the batch,
 * s_c = 2Σp·y/max(Σp + Σy, ε), l_c = (1 − s_c)·[Σy_c > 0], loss = mean of l_c over all C classes.
 * A class that the batch does not hold adds 0 and still counts. Ignored pixels are left out of all sums.
 */
export const dice: Loss = (graph, logits, { oneHot, counts }) => {
  const pixels = dimension(logits, 0);
  const p = multiply(graph, softmax(graph, logits), reshape(graph, counts, [pixels, 1]));
  const labelled = sum(graph, oneHot, [0]);
  const overlap = scale(graph, sum(graph, multiply(graph, p, oneHot), [0]), 2);
  const total = atLeast(graph, add(graph, sum(graph, p, [0]), labelled), epsilon);
  const missing = subtract(graph, constant(graph, [1]), divide(graph, overlap, total));
  return meanOf(graph, multiply(graph, missing, isPositive(graph, labelled)));
};

function meanOf(graph: Graph, vector: Tensor): Tensor {
  return scale(graph, sum(graph, vector, [0]), 1 / dimension(vector, 0));
}
