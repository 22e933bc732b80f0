import type { Graph } from '../graph/graph.ts';
import { constant } from '../graph/ops/constant.ts';
import { placeholder, variable, type Variable } from '../graph/variable.ts';
import type { Optimizer } from './optimizer.ts';

/** PyTorch's defaults. */
const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

/**
 * Adam (Kingma & Ba 2015) as `torch.optim.Adam`:
 * m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; w ← w − lr/(1−β1ᵗ) · m / (√v/√(1−β2ᵗ) + ε).
 *
 * TensorFlow's fused op computes w − rate·m/(√v + ε̂) (with its powers of β fed as 0). That is the same with
 * rate = lr·√(1−β2ᵗ)/(1−β1ᵗ) and ε̂ = ε·√(1−β2ᵗ), which are computed here in double precision.
 */
export function adam(graph: Graph, weights: readonly Variable[]): Optimizer {
  const moments = new Map(
    weights.map((weight) => [
      weight,
      {
        first: variable(graph, `adam.m.${weight.name}`, weight.shape),
        second: variable(graph, `adam.v.${weight.name}`, weight.shape),
      },
    ]),
  );
  const rate = placeholder(graph, 'adam/rate', 'float32', []);
  const scaledEpsilon = placeholder(graph, 'adam/epsilon', 'float32', []);
  const zero = constant(graph, [0]);
  const [decay1, decay2] = [constant(graph, [beta1]), constant(graph, [beta2])];
  return {
    state: [...moments.values()].flatMap(({ first, second }) => [first, second]),
    apply: (weight, gradient, after) => {
      const moment = moments.get(weight);
      if (moment === undefined) throw new Error(`Internal error: no moments for ${weight.name}`);
      return graph.add({
        op: 'ResourceApplyAdam',
        inputs: [
          weight.handle,
          moment.first.handle,
          moment.second.handle,
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
      });
    },
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
