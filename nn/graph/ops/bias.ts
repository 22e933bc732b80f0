import type { Graph, Tensor } from '../graph.ts';

/** Adds one number a channel to N×H×W×C. */
export function addBias(graph: Graph, x: Tensor, bias: Tensor): Tensor {
  const attributes = { T: { type: x.dtype }, data_format: { string: 'NHWC' } } as const;
  return graph.one({
    op: 'BiasAdd',
    inputs: [x, bias],
    attributes,
    dtype: x.dtype,
    shape: x.shape,
    gradient: ([dy]) => [
      dy,
      dy && graph.one({ op: 'BiasAddGrad', inputs: [dy], attributes, dtype: x.dtype, shape: bias.shape }),
    ],
  });
}
