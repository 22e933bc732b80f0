import { dimension, output, type Graph, type Tensor } from '../graph.ts';
import { integers } from './constant.ts';

/** Places of a vector's numbers from the largest to the smallest, int32; of equal ones the earlier comes first. */
export function descending(graph: Graph, vector: Tensor): Tensor {
  const length = dimension(vector, 0);
  const node = graph.add({
    op: 'TopKV2',
    inputs: [vector, integers(graph, [length], [])],
    attributes: { T: { type: vector.dtype }, sorted: { bool: true } },
    outputs: [
      { dtype: vector.dtype, shape: [length] },
      { dtype: 'int32', shape: [length] },
    ],
  });
  return output(node, 1);
}

/** The numbers of a vector in another order; `places` holds each of 0…n−1 once, so the gradient goes back the same way. */
export function permute(graph: Graph, vector: Tensor, places: Tensor): Tensor {
  return graph.one({
    op: 'GatherV2',
    inputs: [vector, places, integers(graph, [0], [])],
    attributes: {
      Tparams: { type: vector.dtype },
      Tindices: { type: 'int32' },
      Taxis: { type: 'int32' },
      batch_dims: { integer: 0 },
    },
    dtype: vector.dtype,
    shape: vector.shape,
    gradient: ([dy]) => [dy && permute(graph, dy, inverse(graph, places))],
  });
}

function inverse(graph: Graph, places: Tensor): Tensor {
  return graph.one({
    op: 'InvertPermutation',
    inputs: [places],
    attributes: { T: { type: 'int32' } },
    dtype: 'int32',
    shape: places.shape,
  });
}

/** Sums of the first 1, 2, … n numbers of a vector; no gradient, as it serves labels. */
export function runningSums(graph: Graph, vector: Tensor): Tensor {
  return graph.one({
    op: 'Cumsum',
    inputs: [vector, integers(graph, [0], [])],
    attributes: {
      T: { type: vector.dtype },
      Tidx: { type: 'int32' },
      exclusive: { bool: false },
      reverse: { bool: false },
    },
    dtype: vector.dtype,
    shape: vector.shape,
  });
}
