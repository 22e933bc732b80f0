import type { Shape } from '../attribute.ts';
import { dimension, output, sameShape, sizeOf, type Graph, type Tensor } from '../graph.ts';
import { integers } from './constant.ts';

/** The same numbers in the same order under another shape. */
export function reshape(graph: Graph, a: Tensor, shape: Shape): Tensor {
  if (sameShape(a.shape, shape)) return a;
  if (sizeOf(a.shape) !== sizeOf(shape)) {
    throw new Error(`Internal error: ${a.shape.join('×')} cannot become ${shape.join('×')}`);
  }
  return graph.one({
    op: 'Reshape',
    inputs: [a, integers(graph, shape)],
    attributes: { T: { type: a.dtype }, Tshape: { type: 'int32' } },
    dtype: a.dtype,
    shape,
    gradient: ([dy]) => [dy && reshape(graph, dy, a.shape)],
  });
}

/** Axis i of the result is axis order[i] of `a`. */
export function transpose(graph: Graph, a: Tensor, order: readonly number[]): Tensor {
  const back = order.map((_, axis) => order.indexOf(axis));
  return graph.one({
    op: 'Transpose',
    inputs: [a, integers(graph, order)],
    attributes: { T: { type: a.dtype }, Tperm: { type: 'int32' } },
    dtype: a.dtype,
    shape: order.map((axis) => dimension(a, axis)),
    gradient: ([dy]) => [dy && transpose(graph, dy, back)],
  });
}

/** Cuts `a` along `axis` into parts of the given lengths. */
export function split(graph: Graph, a: Tensor, lengths: readonly number[], axis: number): Tensor[] {
  const parts = lengths.map((length) => ({
    dtype: a.dtype,
    shape: a.shape.map((whole, at) => (at === axis ? length : whole)),
  }));
  const node = graph.add({
    op: 'SplitV',
    inputs: [a, integers(graph, lengths), integers(graph, [axis], [])],
    attributes: { T: { type: a.dtype }, Tlen: { type: 'int32' }, num_split: { integer: lengths.length } },
    outputs: parts,
    gradient: (outer) => {
      const present = outer.filter((gradient) => gradient !== undefined);
      if (present.length !== lengths.length) throw new Error('Internal error: a part of a split is unused');
      return [concat(graph, present, axis)];
    },
  });
  return lengths.map((_, index) => output(node, index));
}

/** The length of the first axis when the graph runs: int32, one number. */
export function firstLength(graph: Graph, a: Tensor): Tensor {
  const shape = graph.one({
    op: 'Shape',
    inputs: [a],
    attributes: { T: { type: a.dtype }, out_type: { type: 'int32' } },
    dtype: 'int32',
    shape: [a.shape.length],
  });
  return graph.one({
    op: 'Slice',
    inputs: [shape, integers(graph, [0]), integers(graph, [1])],
    attributes: { T: { type: 'int32' }, Index: { type: 'int32' } },
    dtype: 'int32',
    shape: [1],
  });
}

/** Joins tensors along `axis`. */
export function concat(graph: Graph, parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (first === undefined) throw new Error('Internal error: nothing to join');
  const lengths = parts.map((part) => dimension(part, axis));
  return graph.one({
    op: 'ConcatV2',
    inputs: [...parts, integers(graph, [axis], [])],
    attributes: { T: { type: first.dtype }, Tidx: { type: 'int32' }, N: { integer: parts.length } },
    dtype: first.dtype,
    shape: first.shape.map((length, at) =>
      at === axis ? lengths.reduce((total, part) => total + part, 0) : length,
    ),
    gradient: ([dy]) => (dy === undefined ? [] : split(graph, dy, lengths, axis)),
  });
}

/** Sum over `axes`, which vanish. */
export function sum(graph: Graph, a: Tensor, axes: readonly number[]): Tensor {
  const kept = a.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return graph.one({
    op: 'Sum',
    inputs: [a, integers(graph, axes)],
    attributes: { T: { type: a.dtype }, Tidx: { type: 'int32' }, keep_dims: { bool: false } },
    dtype: a.dtype,
    shape: a.shape.filter((_, axis) => !axes.includes(axis)),
    gradient: ([dy]) => [dy && stretch(graph, reshape(graph, dy, kept), a.shape)],
  });
}

/** Repeats axes of length 1. */
function stretch(graph: Graph, a: Tensor, shape: Shape): Tensor {
  return graph.one({
    op: 'BroadcastTo',
    inputs: [a, integers(graph, shape)],
    attributes: { T: { type: a.dtype }, Tidx: { type: 'int32' } },
    dtype: a.dtype,
    shape,
  });
}
