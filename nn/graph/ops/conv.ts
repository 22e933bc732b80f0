import type { Attributes, Shape } from '../attribute.ts';
import { dimension, sameShape, type Graph, type Tensor } from '../graph.ts';
import { integers } from './constant.ts';

export interface ConvOptions {
  readonly stride: number;
  /** Zeros added on each of the four sides, as PyTorch's `padding`. */
  readonly padding: number;
}

/**
 * Cross-correlation of images N×H×W×I with a filter K×K×I×O, as `torch.nn.functional.conv2d`:
 * the result has ⌊(H + 2·padding − K)/stride⌋ + 1 rows.
 */
export function conv2d(graph: Graph, x: Tensor, filter: Tensor, options: ConvOptions): Tensor {
  const [rows, columns] = [1, 2].map(
    (axis) =>
      Math.floor((dimension(x, axis) + 2 * options.padding - dimension(filter, 0)) / options.stride) + 1,
  );
  return graph.one({
    op: 'Conv2D',
    inputs: [x, filter],
    attributes: convAttributes(filter, options),
    dtype: x.dtype,
    shape: [dimension(x, 0), rows ?? 0, columns ?? 0, dimension(filter, 3)],
    gradient: ([dy]) =>
      dy === undefined
        ? []
        : [
            conv2dInputGradient(graph, x.shape, filter, dy, options),
            conv2dFilterGradient(graph, x, filter.shape, dy, options),
          ],
  });
}

/**
 * Transposed convolution, `torch.nn.functional.conv_transpose2d`: the map whose adjoint is `conv2d` with the same
 * filter K×K×O×I. `shape` is that of the result N×H×W×O.
 */
export function convTranspose2d(
  graph: Graph,
  x: Tensor,
  filter: Tensor,
  shape: Shape,
  options: ConvOptions,
): Tensor {
  return conv2dInputGradient(graph, shape, filter, x, options, ([dy]) =>
    dy === undefined
      ? []
      : [
          undefined,
          conv2dFilterGradient(graph, dy, filter.shape, x, options),
          conv2d(graph, dy, filter, options),
        ],
  );
}

function conv2dInputGradient(
  graph: Graph,
  shape: Shape,
  filter: Tensor,
  dy: Tensor,
  options: ConvOptions,
  gradient?: Parameters<Graph['one']>[0]['gradient'],
): Tensor {
  return graph.one({
    op: 'Conv2DBackpropInput',
    inputs: [integers(graph, shape), filter, dy],
    attributes: convAttributes(filter, options),
    dtype: dy.dtype,
    shape,
    ...(gradient === undefined ? {} : { gradient }),
  });
}

function conv2dFilterGradient(
  graph: Graph,
  x: Tensor,
  shape: Shape,
  dy: Tensor,
  options: ConvOptions,
): Tensor {
  return graph.one({
    op: 'Conv2DBackpropFilter',
    inputs: [x, integers(graph, shape), dy],
    attributes: convAttributes({ ...x, shape }, options),
    dtype: x.dtype,
    shape,
  });
}

/** TensorFlow's own padding is asymmetric where the stride is 2, so PyTorch's is stated; SAME equals it where the stride is 1. */
function convAttributes(filter: Tensor, { stride, padding }: ConvOptions): Attributes {
  const kernel = dimension(filter, 0);
  if (!sameShape(filter.shape.slice(0, 2), [kernel, kernel])) {
    throw new Error(`Internal error: the filter ${filter.shape.join('×')} is not square`);
  }
  const same = stride === 1 && 2 * padding === kernel - 1;
  return {
    T: { type: filter.dtype },
    strides: { integers: [1, stride, stride, 1] },
    dilations: { integers: [1, 1, 1, 1] },
    data_format: { string: 'NHWC' },
    ...(padding === 0
      ? { padding: { string: 'VALID' } }
      : same
        ? { padding: { string: 'SAME' } }
        : {
            padding: { string: 'EXPLICIT' },
            explicit_paddings: { integers: [0, 0, padding, padding, padding, padding, 0, 0] },
          }),
  };
}
