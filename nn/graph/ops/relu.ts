import type { Graph, Tensor } from '../graph.ts';

/** max(x, 0). The gradient is taken from the result, so that x need not be kept. */
export function relu(graph: Graph, x: Tensor): Tensor {
  const y: Tensor = graph.one({
    op: 'Relu',
    inputs: [x],
    attributes: { T: { type: x.dtype } },
    dtype: x.dtype,
    shape: x.shape,
    gradient: ([dy]) => [
      dy &&
        graph.one({
          op: 'ReluGrad',
          inputs: [dy, y],
          attributes: { T: { type: x.dtype } },
          dtype: x.dtype,
          shape: x.shape,
        }),
    ],
  });
  return y;
}
