import { dimension, type Graph, type Tensor } from '../graph.ts';
import { pad } from './pad.ts';

/**
 * The maximum over K×K windows, as `torch.nn.functional.max_pool2d`: padding never wins. It is added by an op of its own,
 * since oneDNN leaves a pool whose padding is stated, and its gradient, to slower code.
 */
export function maxPool(
  graph: Graph,
  x: Tensor,
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
): Tensor {
  const sides = [padding, padding] as const;
  const padded = padding === 0 ? x : pad(graph, x, [[0, 0], sides, sides, [0, 0]], -Infinity);
  const attributes = {
    T: { type: x.dtype },
    ksize: { integers: [1, kernel, kernel, 1] },
    strides: { integers: [1, stride, stride, 1] },
    data_format: { string: 'NHWC' },
    padding: { string: 'VALID' },
  } as const;
  const shorter = (axis: number) => Math.floor((dimension(padded, axis) - kernel) / stride) + 1;
  const y: Tensor = graph.one({
    op: 'MaxPool',
    inputs: [padded],
    attributes,
    dtype: x.dtype,
    shape: [dimension(x, 0), shorter(1), shorter(2), dimension(x, 3)],
    gradient: ([dy]) => [
      dy &&
        graph.one({
          op: 'MaxPoolGrad',
          inputs: [padded, y, dy],
          attributes,
          dtype: x.dtype,
          shape: padded.shape,
        }),
    ],
  });
  return y;
}
