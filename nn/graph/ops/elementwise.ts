import type { Graph, Tensor } from '../graph.ts';
import { multiply } from './arithmetic.ts';

/** eˣ; its gradient is itself. */
export function exponential(graph: Graph, x: Tensor): Tensor {
  const y: Tensor = unary(graph, 'Exp', x, (dy) => multiply(graph, dy, y));
  return y;
}

/** log(1 + eˣ), stable for large |x|; its gradient is 1/(1 + e⁻ˣ). */
export function softplus(graph: Graph, x: Tensor): Tensor {
  return unary(graph, 'Softplus', x, (dy) =>
    multiply(
      graph,
      dy,
      unary(graph, 'Sigmoid', x, () => undefined),
    ),
  );
}

/** √x; the gradient is dy/(2√x), from TensorFlow's own op. */
export function squareRoot(graph: Graph, x: Tensor): Tensor {
  const y: Tensor = unary(graph, 'Sqrt', x, (dy) =>
    graph.one({
      op: 'SqrtGrad',
      inputs: [y, dy],
      attributes: { T: { type: x.dtype } },
      dtype: x.dtype,
      shape: x.shape,
    }),
  );
  return y;
}

/** The same numbers, as ones that do not depend on anything: no gradient flows further back. */
export function detached(graph: Graph, x: Tensor): Tensor {
  return graph.one({
    op: 'StopGradient',
    inputs: [x],
    attributes: { T: { type: x.dtype } },
    dtype: x.dtype,
    shape: x.shape,
  });
}

function unary(
  graph: Graph,
  op: 'Exp' | 'Softplus' | 'Sigmoid' | 'Sqrt',
  x: Tensor,
  gradient: (dy: Tensor) => Tensor | undefined,
): Tensor {
  return graph.one({
    op,
    inputs: [x],
    attributes: { T: { type: x.dtype } },
    dtype: x.dtype,
    shape: x.shape,
    gradient: ([dy]) => [dy && gradient(dy)],
  });
}
