import { dimension, type Graph, type Tensor } from '../graph.ts';

/** The maximum over K×K windows, as `torch.nn.functional.max_pool2d`: padding never wins. */
export function maxPool(
  graph: Graph,
  x: Tensor,
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
): Tensor {
  const attributes = {
    T: { type: x.dtype },
    ksize: { integers: [1, kernel, kernel, 1] },
    strides: { integers: [1, stride, stride, 1] },
    data_format: { string: 'NHWC' },
    padding: { string: 'EXPLICIT' },
    explicit_paddings: { integers: [0, 0, padding, padding, padding, padding, 0, 0] },
  } as const;
  const shorter = (axis: number) => Math.floor((dimension(x, axis) + 2 * padding - kernel) / stride) + 1;
  const y: Tensor = graph.one({
    op: 'MaxPool',
    inputs: [x],
    attributes,
    dtype: x.dtype,
    shape: [dimension(x, 0), shorter(1), shorter(2), dimension(x, 3)],
    gradient: ([dy]) => [
      dy && graph.one({ op: 'MaxPoolGrad', inputs: [x, y, dy], attributes, dtype: x.dtype, shape: x.shape }),
    ],
  });
  return y;
}
