import type { Graph, Node, Tensor } from '../graph/graph.ts';
import { constant, integers } from '../graph/ops/constant.ts';
import { assign, read, type Variable } from '../graph/variable.ts';
import { momentsOf } from './moments.ts';

/** Sums of gradients over several batches, one beside each weight. */
export interface Accumulator {
  /** Zero at first, part of every checkpoint: training may stop between two batches of one step. */
  readonly state: readonly Variable[];
  add(weight: Variable, gradient: Tensor): Node;
  /** The sum so far. */
  sum(weight: Variable): Tensor;
  /** Begins anew, once `after` has run. */
  clear(weight: Variable, after: Node): Node;
}

export function accumulator(graph: Graph, weights: readonly Variable[]): Accumulator {
  const sums = momentsOf(graph, 'accumulated', weights);
  return {
    state: sums.state,
    add: (weight, gradient) =>
      graph.add({
        op: 'AssignAddVariableOp',
        inputs: [sums.of(weight).handle, gradient],
        attributes: { dtype: { type: 'float32' } },
        outputs: [],
      }),
    sum: (weight) => read(graph, sums.of(weight)),
    clear: (weight, after) => {
      const zeros = graph.one({
        op: 'Fill',
        inputs: [integers(graph, weight.shape), constant(graph, [0])],
        attributes: { T: { type: 'float32' }, index_type: { type: 'int32' } },
        dtype: 'float32',
        shape: weight.shape,
        // Not earlier: the zeros of all weights would lie in memory beside the sums.
        after: [after],
      });
      return assign(graph, sums.of(weight), zeros);
    },
  };
}
