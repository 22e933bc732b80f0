import type { Graph } from '../graph/graph.ts';
import { placeholder, read, type Variable } from '../graph/variable.ts';
import { adam } from './adam.ts';
import type { Optimizer } from './optimizer.ts';

/**
 * AdamW (Loshchilov & Hutter 2019) as `torch.optim.AdamW`: w ← w − lr·λ·w, then Adam's step with the gradient alone. As
 * there, every trained weight decays, biases and batch norms too.
 */
export function adamw(graph: Graph, weights: readonly Variable[], decay: number): Optimizer {
  const inner = adam(graph, weights);
  const share = placeholder(graph, 'adamw/decay', 'float32', []);
  return {
    state: inner.state,
    apply: (weight, gradient, after) => {
      const shrunk = graph.add({
        op: 'ResourceApplyGradientDescent',
        inputs: [weight.handle, share, read(graph, weight)],
        attributes: { T: { type: 'float32' }, use_locking: { bool: false } },
        outputs: [],
        after,
      });
      return inner.apply(weight, gradient, [shrunk]);
    },
    feeds: (step, learningRate) => [
      ...inner.feeds(step, learningRate),
      [share, Float32Array.of(learningRate * decay)],
    ],
  };
}
