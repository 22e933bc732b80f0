import type { Shape } from '../attribute.ts';
import type { Graph, Tensor } from '../graph.ts';
import { sizeOf } from '../graph.ts';

/** fp32 numbers that are part of the graph; a scalar where no shape is given. */
export function constant(graph: Graph, values: readonly number[] | Float32Array, shape: Shape = []): Tensor {
  return typed(graph, 'float32', Float32Array.from(values), shape);
}

/** int32 numbers that are part of the graph: shapes, axes, paddings. */
export function integers(graph: Graph, values: readonly number[], shape: Shape = [values.length]): Tensor {
  return typed(graph, 'int32', Int32Array.from(values), shape);
}

/** uint8 numbers that are part of the graph. */
export function bytes(graph: Graph, values: Uint8Array): Tensor {
  return typed(graph, 'uint8', values, [values.length]);
}

function typed(
  graph: Graph,
  dtype: 'float32' | 'int32' | 'uint8',
  values: Float32Array | Int32Array | Uint8Array,
  shape: Shape,
): Tensor {
  if (values.length !== sizeOf(shape)) {
    throw new Error(`Internal error: ${values.length} values for shape ${shape.join('×')}`);
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return graph.one({
    op: 'Const',
    attributes: { dtype: { type: dtype }, value: { tensor: { dtype, shape, bytes } } },
    dtype,
    shape,
  });
}
