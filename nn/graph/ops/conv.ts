import { anyLength, type Shape } from '../attribute.ts';
import { dimension, sameShape, type Graph, type Tensor } from '../graph.ts';
import { placingAttributes, type Border, type Placing } from '../placing.ts';
import { integers } from './constant.ts';
import { filterGradient } from './filter-gradient.ts';
import { crop, pad, type Margins } from './pad.ts';
import { concat, firstLength } from './shape.ts';

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
  const border = borderOf(x.shape, filter, options);
  return typeof border === 'string'
    ? forward(graph, x, filter, { stride: options.stride, border })
    : forward(graph, pad(graph, x, border), filter, { stride: options.stride, border: 'VALID' });
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
  const border = borderOf(shape, filter, options);
  const { stride } = options;
  if (typeof border === 'string') return transposed(graph, shape, filter, x, { stride, border });
  const padded = shape.map((length, axis) => length + (border[axis]?.[0] ?? 0) + (border[axis]?.[1] ?? 0));
  return crop(graph, transposed(graph, padded, filter, x, { stride, border: 'VALID' }), border);
}

/**
 * PyTorch's zeros in TensorFlow's words. Where their number is odd SAME has one more at the end, PyTorch at the start (the
 * filter does not reach its last one), so SAME serves only where both agree. Otherwise the answer is the zeros themselves,
 * as far as the filter reaches them: EXPLICIT would say it too, but oneDNN leaves the gradients of such a convolution to
 * much slower code.
 */
function borderOf(image: Shape, filter: Tensor, { stride, padding }: ConvOptions): Border | Margins {
  const kernel = dimension(filter, 0);
  if (!sameShape(filter.shape.slice(0, 2), [kernel, kernel])) {
    throw new Error(`Internal error: the filter ${filter.shape.join('×')} is not square`);
  }
  if (padding === 0) return 'VALID';
  const zeros = image.map((length, axis): readonly [number, number] => {
    if (axis === 0 || axis === 3) return [0, 0];
    const last = Math.floor((length + 2 * padding - kernel) / stride) * stride;
    return [padding, Math.max(0, last + kernel - padding - length)];
  });
  const isSame = zeros.every(([before, after]) => before === Math.floor((before + after) / 2));
  return isSame ? 'SAME' : zeros;
}

function forward(graph: Graph, x: Tensor, filter: Tensor, placing: Placing): Tensor {
  const kernel = dimension(filter, 0);
  const [rows, columns] = [1, 2].map((axis) => {
    const reached = placing.border === 'SAME' ? dimension(x, axis) : dimension(x, axis) - kernel + 1;
    return Math.ceil(reached / placing.stride);
  });
  return graph.one({
    op: 'Conv2D',
    inputs: [x, filter],
    attributes: placingAttributes(filter, placing),
    dtype: x.dtype,
    shape: [dimension(x, 0), rows ?? 0, columns ?? 0, dimension(filter, 3)],
    gradient: ([dy]) =>
      dy === undefined
        ? []
        : [
            transposed(graph, x.shape, filter, dy, placing),
            filterGradient(graph, x, filter.shape, dy, placing),
          ],
  });
}

/** The adjoint of `forward`: x has the shape of its result, `shape` is that of its images. */
function transposed(graph: Graph, shape: Shape, filter: Tensor, x: Tensor, placing: Placing): Tensor {
  return graph.one({
    op: 'Conv2DBackpropInput',
    inputs: [sizesOf(graph, shape, x), filter, x],
    attributes: placingAttributes(filter, placing),
    dtype: x.dtype,
    shape,
    gradient: ([dy]) =>
      dy === undefined
        ? []
        : [
            undefined,
            filterGradient(graph, dy, filter.shape, x, placing),
            forward(graph, dy, filter, placing),
          ],
  });
}

/** A shape as the op wants it; how many images there are may be known only from x. */
function sizesOf(graph: Graph, [images, ...rest]: Shape, x: Tensor): Tensor {
  if (images !== anyLength) return integers(graph, [images ?? 0, ...rest]);
  return concat(graph, [firstLength(graph, x), integers(graph, rest)], 0);
}
