import { dimension, sizeOf, type Graph, type Tensor } from '../graph.ts';
import { bytes, constant, integers } from './constant.ts';
import { reshape } from './shape.ts';

/** Rows of C numbers, 1 at the label and 0 elsewhere; all 0 for a label outside 0…C−1. */
export function oneHot(graph: Graph, labels: Tensor, classes: number): Tensor {
  return graph.one({
    op: 'OneHot',
    inputs: [labels, integers(graph, [classes], []), constant(graph, [1]), constant(graph, [0])],
    attributes: { T: { type: 'float32' }, TI: { type: labels.dtype }, axis: { integer: -1 } },
    dtype: 'float32',
    shape: [...labels.shape, classes],
  });
}

/** The class with the largest logit along the last axis, int32; the first where several are equal. */
export function argMax(graph: Graph, logits: Tensor): Tensor {
  return graph.one({
    op: 'ArgMax',
    inputs: [logits, integers(graph, [logits.shape.length - 1], [])],
    attributes: { T: { type: logits.dtype }, Tidx: { type: 'int32' }, output_type: { type: 'int32' } },
    dtype: 'int32',
    shape: logits.shape.slice(0, -1),
  });
}

/** `table[index]` for each index, uint8. */
export function pick(graph: Graph, table: Uint8Array, indices: Tensor): Tensor {
  return graph.one({
    op: 'GatherV2',
    inputs: [bytes(graph, table), indices, integers(graph, [0], [])],
    attributes: {
      Tparams: { type: 'uint8' },
      Tindices: { type: indices.dtype },
      Taxis: { type: 'int32' },
      batch_dims: { integer: 0 },
    },
    dtype: 'uint8',
    shape: indices.shape,
  });
}

/** How often each of 0…bins−1 occurs in each row of an int32 matrix: int32, rows×bins. Values ≥ bins are not counted. */
export function countRows(graph: Graph, values: Tensor, bins: number): Tensor {
  const none = integers(graph, [], [0]);
  return graph.one({
    op: 'DenseBincount',
    inputs: [values, integers(graph, [bins], []), none],
    attributes: { Tidx: { type: 'int32' }, T: { type: 'int32' }, binary_output: { bool: false } },
    dtype: 'int32',
    shape: [dimension(values, 0), bins],
  });
}

/** Equality of two tensors of the same shape, or of one with a scalar. */
export function equal(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return graph.one({
    op: 'Equal',
    inputs: [a, b],
    attributes: { T: { type: a.dtype } },
    dtype: 'bool',
    shape: a.shape,
  });
}

/** `then` where the condition holds, else `otherwise`; no gradient, as it serves labels. */
export function select(graph: Graph, condition: Tensor, then: Tensor, otherwise: Tensor): Tensor {
  return graph.one({
    op: 'SelectV2',
    inputs: [condition, then, otherwise],
    attributes: { T: { type: then.dtype } },
    dtype: then.dtype,
    shape: condition.shape,
  });
}

/** Four uint8 numbers as one int32, so that they can be read back; the element count is a multiple of 4. */
export function packBytes(graph: Graph, values: Tensor): Tensor {
  const words = sizeOf(values.shape) / 4;
  if (!Number.isInteger(words)) throw new Error('Internal error: a number of bytes that is no multiple of 4');
  return graph.one({
    op: 'Bitcast',
    inputs: [reshape(graph, values, [words, 4])],
    attributes: { T: { type: 'uint8' }, type: { type: 'int32' } },
    dtype: 'int32',
    shape: [words],
  });
}
