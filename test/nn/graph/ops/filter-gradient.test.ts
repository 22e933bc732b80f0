import { expect, test } from 'vitest';
import type { DType } from '../../../../nn/graph/dtype.ts';
import { gradients } from '../../../../nn/graph/gradients.ts';
import { Graph, sizeOf, type Device } from '../../../../nn/graph/graph.ts';
import { cast } from '../../../../nn/graph/ops/arithmetic.ts';
import { conv2d } from '../../../../nn/graph/ops/conv.ts';
import { reshape, sum } from '../../../../nn/graph/ops/shape.ts';
import { placeholder } from '../../../../nn/graph/variable.ts';

/** What computes a filter's gradient: how often each of the two ops stands in the graph. */
function computing(device: Device, dtype: DType, size: number, channels: number, kernel: number) {
  const graph = new Graph(device);
  const x = placeholder(graph, 'x', dtype, [2, size, size, channels]);
  const filter = placeholder(graph, 'w', dtype, [kernel, kernel, channels, channels]);
  const y = cast(graph, conv2d(graph, x, filter, { stride: 1, padding: (kernel - 1) / 2 }), 'float32');
  const loss = sum(graph, reshape(graph, y, [sizeOf(y.shape)]), [0]);
  const slopes = gradients(graph, loss, [filter]);
  const ops = [...graph.ancestors(slopes)].map(({ op }) => op);
  return [
    ops.filter((op) => op === 'Conv2DBackpropFilter').length,
    ops.filter((op) => op === 'MatMul').length,
  ];
}

test.each([
  ['cpu', 'bfloat16', 16, 256, 3, [0, 9]],
  ['cpu', 'bfloat16', 32, 256, 3, [0, 9]],
  ['cpu', 'bfloat16', 33, 256, 3, [1, 0]],
  ['cpu', 'bfloat16', 16, 255, 3, [1, 0]],
  ['cpu', 'bfloat16', 16, 256, 1, [1, 0]],
  ['cpu', 'float32', 16, 256, 3, [1, 0]],
  ['gpu', 'bfloat16', 16, 256, 3, [1, 0]],
] as const)(
  'on a %s in %s, %i² pixels of %i channels under a filter of %i²: by [TensorFlow’s own op, a product for each place of the filter]',
  (device, dtype, size, channels, kernel, expected) => {
    expect(computing(device, dtype, size, channels, kernel)).toEqual(expected);
  },
);
