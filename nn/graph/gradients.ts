import type { Graph, Node, Tensor } from './graph.ts';
import { addInOrder } from './ops/add-in-order.ts';
import { constant } from './ops/constant.ts';

/**
 * Reverse-mode differentiation over the recorded graph: adds the nodes that compute ∂loss/∂x for each x of `targets`.
 * `loss` is a scalar. Throws (a bug) when the loss does not depend on a target.
 */
export function gradients(graph: Graph, loss: Tensor, targets: readonly Tensor[]): Tensor[] {
  const found = new Map<Tensor, Tensor>([[loss, constant(graph, [1])]]);
  const wanted = dependents(graph, targets);
  for (const node of graph.nodes.slice(0, graph.nodes.indexOf(loss.node) + 1).reverse()) {
    if (!wanted.has(node)) continue;
    const outer = node.outputs.map((output) => found.get(output));
    if (node.gradient === undefined || outer.every((gradient) => gradient === undefined)) continue;
    const inner = node.gradient(outer);
    node.inputs.forEach((input, index) => {
      const gradient = inner[index];
      if (gradient === undefined) return;
      const before = found.get(input);
      found.set(input, before === undefined ? gradient : addInOrder(graph, before, gradient));
    });
  }
  return targets.map((target) => {
    const gradient = found.get(target);
    if (gradient === undefined) {
      throw new Error(`Internal error: the loss does not depend on ${target.node.name}`);
    }
    return gradient;
  });
}

/** The nodes whose outputs depend on a target: only through these must gradients flow. */
function dependents(graph: Graph, targets: readonly Tensor[]): ReadonlySet<Node> {
  const found = new Set<Node>(targets.map((target) => target.node));
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => found.has(input.node))) found.add(node);
  }
  return found;
}
