import type { Graph } from '../graph/graph.ts';
import { constant } from '../graph/ops/constant.ts';
import { placeholder, type Variable } from '../graph/variable.ts';
import { momentsOf } from './moments.ts';
import type { Optimizer } from './optimizer.ts';

/**
 * PyTorch's defaults, rounded to fp32 as TensorFlow's op has them: it computes 1 − β2 from that, which is 1.3e-5 off 0.001,
 * and the corrections below must be off by as much.
 */
const beta1 = Math.fround(0.9);
const beta2 = Math.fround(0.999);
const epsilon = 1e-8;

/**
 * Adam (Kingma & Ba 2015) as `torch.optim.Adam`:
 * m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; w ← w − lr/(1−β1ᵗ) · m / (√v/√(1−β2ᵗ) + ε).
 *
 * TensorFlow's fused op computes w − rate·m/(√v + ε̂) (with its powers of β fed as 0). That is the same with
 * rate = lr·√(1−β2ᵗ)/(1−β1ᵗ) and ε̂ = ε·√(1−β2ᵗ), which are computed here in double precision.
 */
export function adam(graph: Graph, weights: readonly Variable[]): Optimizer {
  const first = momentsOf(graph, 'adam.m', weights);
  const second = momentsOf(graph, 'adam.v', weights);
  const rate = placeholder(graph, 'adam/rate', 'float32', []);
  const scaledEpsilon = placeholder(graph, 'adam/epsilon', 'float32', []);
  const zero = constant(graph, [0]);
  const [decay1, decay2] = [constant(graph, [beta1]), constant(graph, [beta2])];
  return {
    state: [...first.state, ...second.state],
    apply: (weight, gradient, after) =>
      graph.add({
        op: 'ResourceApplyAdam',
        inputs: [
          weight.handle,
          first.of(weight).handle,
          second.of(weight).handle,
          zero,
          zero,
          rate,
          decay1,
          decay2,
          scaledEpsilon,
          gradient,
        ],
        attributes: { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: false } },
        outputs: [],
        after,
      }),
    feeds: (step, learningRate) => {
      const correction = Math.sqrt(1 - power(beta2, step));
      return [
        [rate, Float32Array.of((learningRate * correction) / (1 - power(beta1, step)))],
        [scaledEpsilon, Float32Array.of(epsilon * correction)],
      ];
    },
  };
}

/** baseⁿ by repeated squaring: the same bits in every Node, unlike `**`. */
function power(base: number, n: number): number {
  if (n === 0) return 1;
  const half = power(base, Math.floor(n / 2));
  return n % 2 === 0 ? half * half : half * half * base;
}
