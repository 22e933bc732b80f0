import { dimension, type Graph, type Tensor } from '../graph/graph.ts';
import { multiply, scale } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { sum } from '../graph/ops/shape.ts';

/** Mean of C losses, one a class; with weights Σ w·l / Σ w, as smp's losses with `class_weights`. */
export function classMean(graph: Graph, each: Tensor, weights: readonly number[] | null): Tensor {
  const classes = dimension(each, 0);
  if (weights === null) return scale(graph, sum(graph, each, [0]), 1 / classes);
  const total = weights.reduce((all, weight) => all + weight, 0);
  const weighted = multiply(graph, each, constant(graph, weights, [classes]));
  return scale(graph, sum(graph, weighted, [0]), 1 / total);
}
