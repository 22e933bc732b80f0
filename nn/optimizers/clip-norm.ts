import { output, type Graph, type Tensor } from '../graph/graph.ts';
import { add, divide, multiply, scale } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { squareRoot } from '../graph/ops/elementwise.ts';
import { sum } from '../graph/ops/shape.ts';

/** PyTorch's: keeps the quotient finite where all gradients are 0. */
const epsilon = 1e-6;

/**
 * `torch.nn.utils.clip_grad_norm_`: g ← g·min(1, most/(‖g‖ + 10⁻⁶)), where ‖g‖ is the L2 norm of all gradients together.
 *
 * The squares are summed tensor by tensor, and then these sums as one vector in the order of the list: a nest of additions
 * would be joined and reordered by TensorFlow (see `add-in-order.ts`).
 */
export function clipNorm(graph: Graph, gradients: readonly Tensor[], most: number): Tensor[] {
  const norm = squareRoot(graph, scale(graph, sum(graph, halves(graph, gradients), [0]), 2));
  const wanted = divide(graph, constant(graph, [most]), add(graph, norm, constant(graph, [epsilon])));
  const factor = output(
    graph.add({
      op: 'Minimum',
      inputs: [wanted, constant(graph, [1])],
      attributes: { T: { type: 'float32' } },
      outputs: [{ dtype: 'float32', shape: [] }],
    }),
    0,
  );
  return gradients.map((gradient) => multiply(graph, gradient, factor));
}

/** ‖g‖²/2 of each tensor, as a vector. */
function halves(graph: Graph, gradients: readonly Tensor[]): Tensor {
  const parts = gradients.map((gradient) =>
    graph.one({
      op: 'L2Loss',
      inputs: [gradient],
      attributes: { T: { type: gradient.dtype } },
      dtype: gradient.dtype,
      shape: [],
    }),
  );
  return graph.one({
    op: 'Pack',
    inputs: parts,
    attributes: { T: { type: 'float32' }, N: { integer: parts.length }, axis: { integer: 0 } },
    dtype: 'float32',
    shape: [parts.length],
  });
}
