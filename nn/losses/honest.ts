import type { Graph, Tensor } from '../graph/graph.ts';
import { select } from '../graph/ops/classes.ts';
import { constant } from '../graph/ops/constant.ts';
import { allFinite } from '../graph/ops/finite.ts';

/**
 * The loss as PyTorch would tell it: NaN where one of `seen` holds a number that is not finite. TensorFlow's ReLU on a
 * processor turns NaN into 0, so that broken weights or activations below one never reach the loss. For telling only:
 * no gradient flows through it.
 */
export function honestLoss(graph: Graph, loss: Tensor, seen: readonly Tensor[]): Tensor {
  return select(graph, allFinite(graph, seen), loss, constant(graph, [NaN]));
}
