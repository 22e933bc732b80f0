import type { Graph, Tensor } from '../graph/graph.ts';
import { constant } from '../graph/ops/constant.ts';
import { fetch } from '../graph/variable.ts';
import type { Parameter } from '../layers/scope.ts';
import type { Accumulator } from '../optimizers/accumulator.ts';
import { update, type Rules } from './update.ts';

/** One step of the optimizer with the gradients that earlier batches have summed; the sums begin anew. */
export function updateProgram(
  graph: Graph,
  parameters: readonly Parameter[],
  rules: Rules,
  sums: Accumulator,
): Tensor {
  const weights = parameters.filter(({ trainable }) => trainable).map(({ variable }) => variable);
  const gradients = weights.map((weight) => sums.sum(weight));
  const moved = update(graph, parameters, rules, {
    weights,
    gradients,
    readers: () => [],
    updated: () => undefined,
  });
  const cleared = weights.flatMap((weight, index) => {
    const after = moved[index];
    return after === undefined ? [] : [sums.clear(weight, after)];
  });
  return fetch(graph, 'update/done', constant(graph, [0]), [...moved, ...cleared]);
}
