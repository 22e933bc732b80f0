import type { Attributes, Shape } from '../attribute.ts';
import { dimension, type Graph, type Tensor } from '../graph.ts';
import { integers } from './constant.ts';
import { padImages } from './pad.ts';

export interface ConvOptions {
  readonly stride: number;
  /** Zeros added on each of the four sides, as PyTorch's `padding`. */
  readonly padding: number;
}

/**
 * Cross-correlation of images N×H×W×I with a filter K×K×I×O, as `torch.nn.functional.conv2d`:
 * the result has ⌊(H + 2·padding − K)/stride⌋ + 1 rows.
 * TensorFlow has no fast bf16 kernel for padding that is stated, so there the images themselves get a border of zeros.
 */
export function conv2d(graph: Graph, x: Tensor, filter: Tensor, options: ConvOptions): Tensor {
  if (x.dtype === 'bfloat16' && paddingOf(x, filter.shape, options) === 'EXPLICIT') {
    return conv2d(graph, padImages(graph, x, options.padding), filter, { ...options, padding: 0 });
  }
  const [rows, columns] = [1, 2].map(
    (axis) =>
      Math.floor((dimension(x, axis) + 2 * options.padding - dimension(filter, 0)) / options.stride) + 1,
  );
  return graph.one({
    op: 'Conv2D',
    inputs: [x, filter],
    attributes: convAttributes(x, filter.shape, options),
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
    attributes: convAttributes({ ...dy, shape }, filter.shape, options),
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
    attributes: convAttributes(x, shape, options),
    dtype: x.dtype,
    shape,
  });
}

type Images = Pick<Tensor, 'dtype' | 'shape'>;

function convAttributes(x: Images, filter: Shape, options: ConvOptions): Attributes {
  const { stride, padding } = options;
  if (filter[0] !== filter[1]) {
    throw new Error(`Internal error: the filter ${filter.join('×')} is not square`);
  }
  const name = paddingOf(x, filter, options);
  return {
    T: { type: x.dtype },
    strides: { integers: [1, stride, stride, 1] },
    dilations: { integers: [1, 1, 1, 1] },
    data_format: { string: 'NHWC' },
    padding: { string: name },
    ...(name === 'EXPLICIT'
      ? { explicit_paddings: { integers: [0, 0, padding, padding, padding, padding, 0, 0] } }
      : {}),
  };
}

/**
 * TensorFlow's name for PyTorch's padding of images N×H×W×I. SAME splits what is missing to ⌈H/stride⌉ rows, the larger half
 * at the end, so it is PyTorch's only where that is even and `padding` on each side: with K = 3 and stride 1, or K = 4 and
 * stride 2. In fp32 both names are fast, and with stride 2 their gradients differ in the last bits.
 */
function paddingOf(
  { dtype, shape }: Images,
  [kernel = 0]: Shape,
  { stride, padding }: ConvOptions,
): 'VALID' | 'SAME' | 'EXPLICIT' {
  if (padding === 0) return 'VALID';
  const missing = (length: number) => (Math.ceil(length / stride) - 1) * stride + kernel - length;
  const equal = shape.slice(1, 3).every((length) => missing(length) === 2 * padding);
  return equal && (stride === 1 || dtype === 'bfloat16') ? 'SAME' : 'EXPLICIT';
}
