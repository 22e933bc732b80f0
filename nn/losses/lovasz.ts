import { dimension, type Graph, type Tensor } from '../graph/graph.ts';
import { add, atLeast, divide, isPositive, multiply, subtract } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { detached } from '../graph/ops/elementwise.ts';
import { descending, permute, runningSums } from '../graph/ops/order.ts';
import { concat, reshape, split, sum } from '../graph/ops/shape.ts';
import { softmax } from '../graph/ops/softmax.ts';
import type { Loss } from './target.ts';

/**
 * Lovász-softmax (Berman et al. 2018) over all pixels of the batch, as smp's `LovaszLoss('multiclass')`: for each class the
 * errors |y − p| from the largest to the smallest, each times what it costs the IoU when it joins those before it; the
 * mean over the classes that the batch holds. Class weights do not apply. Sorting makes it slower than the others.
 */
export function lovasz(): Loss {
  return (graph, logits, { oneHot, counts }) => {
    const [pixels, classes] = [dimension(logits, 0), dimension(logits, 1)];
    const p = softmax(graph, logits);
    const columns = (matrix: Tensor) =>
      split(graph, matrix, Array<number>(classes).fill(1), 1).map((part) => reshape(graph, part, [pixels]));
    const truths = columns(oneHot);
    const each = columns(p).map((predicted, at) => {
      const truth = truths[at];
      if (truth === undefined) throw new Error('Internal error: one truth a class');
      return reshape(graph, ofClass(graph, predicted, truth, counts), [1]);
    });
    const present = isPositive(graph, sum(graph, oneHot, [0]));
    const total = sum(graph, multiply(graph, concat(graph, each, 0), present), [0]);
    return divide(graph, total, atLeast(graph, sum(graph, present, [0]), 1));
  };
}

/** Ignored pixels get the error 0, and so cost nothing wherever they are sorted. */
function ofClass(graph: Graph, predicted: Tensor, truth: Tensor, counts: Tensor): Tensor {
  // |y − p| = y + (1 − 2y)·p, since y is 0 or 1.
  const turned = subtract(graph, constant(graph, [1]), add(graph, truth, truth));
  const errors = multiply(graph, add(graph, truth, multiply(graph, turned, predicted)), counts);
  const order = descending(graph, errors);
  const costs = detached(graph, marginalCosts(graph, permute(graph, truth, order)));
  return sum(graph, multiply(graph, permute(graph, errors, order), costs), [0]);
}

/** How much 1 − IoU grows with each further wrong pixel (Berman et al., algorithm 1). */
function marginalCosts(graph: Graph, truth: Tensor): Tensor {
  const all = sum(graph, truth, [0]);
  const others = subtract(graph, constant(graph, [1]), truth);
  const kept = subtract(graph, all, runningSums(graph, truth));
  const union = atLeast(graph, add(graph, all, runningSums(graph, others)), 1);
  const costs = subtract(graph, constant(graph, [1]), divide(graph, kept, union));
  const length = dimension(truth, 0);
  const [before] = split(graph, costs, [length - 1, 1], 0);
  if (before === undefined) return costs;
  return subtract(graph, costs, concat(graph, [constant(graph, [0], [1]), before], 0));
}
