import type { Shape } from '../attribute.ts';
import { dimension, sizeOf, type Graph, type Tensor } from '../graph.ts';
import { placingAttributes, type Placing } from '../placing.ts';
import { integers } from './constant.ts';
import { matmul } from './matmul.ts';
import { crop, pad, type Margins } from './pad.ts';
import { concat, reshape } from './shape.ts';

/**
 * The gradient of a convolution's filter K×K×I×O from its images N×H×W×I and the gradient `dy` N×h×w×O of its result:
 * ∂/∂F[a, b] = Σ over images and places (p, q) of x[s·p + a, s·q + b]ᵀ · dy[p, q].
 */
export function filterGradient(graph: Graph, x: Tensor, shape: Shape, dy: Tensor, placing: Placing): Tensor {
  if (isQuickerByTap(graph, shape, dy)) return byTap(graph, x, shape, dy, placing);
  return graph.one({
    op: 'Conv2DBackpropFilter',
    inputs: [x, integers(graph, shape), dy],
    attributes: placingAttributes(x, placing),
    dtype: x.dtype,
    shape,
  });
}

/**
 * oneDNN's bf16 kernel for this gradient reaches half the rate of its product of matrices where channels are many and the
 * image is small (docs/performance.md). Each of the K² shifted copies is as large as x, so that large images are left to the kernel.
 */
function isQuickerByTap(graph: Graph, shape: Shape, dy: Tensor): boolean {
  const [kernel = 0, , inputs = 0, outputs = 0] = shape;
  const places = dimension(dy, 1) * dimension(dy, 2);
  return (
    graph.device === 'cpu' &&
    dy.dtype === 'bfloat16' &&
    kernel > 1 &&
    inputs * outputs >= 256 * 256 &&
    places <= 32 * 32
  );
}

/** One product of matrices for each of the filter's K² places: the pixels that it meets, transposed, times dy. */
function byTap(graph: Graph, x: Tensor, shape: Shape, dy: Tensor, placing: Placing): Tensor {
  const [kernel = 0, , inputs = 0, outputs = 0] = shape;
  const { stride } = placing;
  const zeros = marginsOf(x, kernel, dy, placing);
  const isWhole = zeros.every(([before, after]) => before + after === 0);
  const padded = isWhole ? x : pad(graph, x, zeros);
  const [images, rows, columns] = [dimension(x, 0), dimension(dy, 1), dimension(dy, 2)];
  const [bands, strips] = [dimension(padded, 1) / stride, dimension(padded, 2) / stride];
  // Row s·p + a is row a mod s of band p + ⌊a/s⌋, so that a stride needs no op of its own.
  const grid = reshape(graph, padded, [images, bands, stride, strips, stride, inputs]);
  const places = sizeOf(dy.shape.slice(0, 3));
  const slopes = reshape(graph, dy, [places, outputs]);
  const within = (at: number, length: number, whole: number) => [at, whole - at - length] as const;
  const taps: Tensor[] = [];
  for (let tap = 0; tap < kernel * kernel; tap += 1) {
    const [a, b] = [Math.floor(tap / kernel), tap % kernel];
    const margins: Margins = [
      [0, 0],
      within(Math.floor(a / stride), rows, bands),
      within(a % stride, 1, stride),
      within(Math.floor(b / stride), columns, strips),
      within(b % stride, 1, stride),
      [0, 0],
    ];
    // Nobody waits for these gradients before the update: without an order the copies of many layers would lie about at once.
    const earlier = taps[tap - 2];
    const met = crop(graph, grid, margins, earlier === undefined ? [] : [earlier.node]);
    taps.push(matmul(graph, reshape(graph, met, [places, inputs]), slopes, true));
  }
  return reshape(graph, concat(graph, taps, 0), shape);
}

/** The zeros around the images, and as many more at the end as make their sides whole numbers of strides. */
function marginsOf(x: Tensor, kernel: number, dy: Tensor, { stride, border }: Placing): Margins {
  return x.shape.map((length, axis): readonly [number, number] => {
    if (axis === 0 || axis === 3) return [0, 0];
    const reached = (dimension(dy, axis) - 1) * stride + kernel;
    const before = border === 'SAME' ? Math.floor(Math.max(0, reached - length) / 2) : 0;
    const whole = Math.ceil(Math.max(reached, before + length) / stride) * stride;
    return [before, whole - before - length];
  });
}
