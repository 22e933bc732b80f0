import type { Graph } from '../graph/graph.ts';
import { constant } from '../graph/ops/constant.ts';
import { placeholder, type Variable } from '../graph/variable.ts';
import { momentsOf } from './moments.ts';
import type { Optimizer } from './optimizer.ts';

/**
 * `torch.optim.SGD`: v ← μ·v + g; w ← w − lr·v, or with Nesterov's momentum w ← w − lr·(g + μ·v). TensorFlow's fused
 * `ResourceApplyMomentum` computes just that; its Keras sibling folds the rate into v, which differs once the rate changes.
 */
export function sgd(
  graph: Graph,
  weights: readonly Variable[],
  { momentum, nesterov }: { readonly momentum: number; readonly nesterov: boolean },
): Optimizer {
  const velocity = momentsOf(graph, 'sgd.v', weights);
  const rate = placeholder(graph, 'sgd/rate', 'float32', []);
  const inertia = constant(graph, [momentum]);
  return {
    state: velocity.state,
    apply: (weight, gradient, after) =>
      graph.add({
        op: 'ResourceApplyMomentum',
        inputs: [weight.handle, velocity.of(weight).handle, rate, gradient, inertia],
        attributes: {
          T: { type: 'float32' },
          use_locking: { bool: false },
          use_nesterov: { bool: nesterov },
        },
        outputs: [],
        after,
      }),
    feeds: (_, learningRate) => [[rate, Float32Array.of(learningRate)]],
  };
}
