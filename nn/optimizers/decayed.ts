import type { Graph } from '../graph/graph.ts';
import { add, scale } from '../graph/ops/arithmetic.ts';
import { read } from '../graph/variable.ts';
import type { Optimizer } from './optimizer.ts';

/** `weight_decay` of `torch.optim.Adam` and `SGD`: the gradient of λ/2·‖w‖² joins that of the loss, g ← g + λ·w. */
export function decayed(graph: Graph, inner: Optimizer, decay: number): Optimizer {
  if (decay === 0) return inner;
  return {
    ...inner,
    apply: (weight, gradient, after) => {
      const pull = scale(graph, read(graph, weight), decay);
      return inner.apply(weight, add(graph, gradient, pull), after);
    },
  };
}
