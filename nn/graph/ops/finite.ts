import { sizeOf, type Graph, type Tensor } from '../graph.ts';
import { integers } from './constant.ts';

/** Whether no element of these fp32 tensors is NaN or infinite: bool, one value. */
export function allFinite(graph: Graph, tensors: readonly Tensor[]): Tensor {
  const each = tensors.map((tensor) => all(graph, isFinite(graph, tensor)));
  return all(
    graph,
    graph.one({
      op: 'Pack',
      inputs: each,
      attributes: { T: { type: 'bool' }, N: { integer: each.length }, axis: { integer: 0 } },
      dtype: 'bool',
      shape: [each.length],
    }),
  );
}

function isFinite(graph: Graph, a: Tensor): Tensor {
  return graph.one({
    op: 'IsFinite',
    inputs: [a],
    attributes: { T: { type: a.dtype } },
    dtype: 'bool',
    shape: a.shape,
  });
}

function all(graph: Graph, a: Tensor): Tensor {
  if (sizeOf(a.shape) === 0) throw new Error('Internal error: nothing to look at');
  return graph.one({
    op: 'All',
    inputs: [
      a,
      integers(
        graph,
        a.shape.map((_, axis) => axis),
      ),
    ],
    attributes: { Tidx: { type: 'int32' }, keep_dims: { bool: false } },
    dtype: 'bool',
    shape: [],
  });
}
