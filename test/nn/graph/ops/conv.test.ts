import { expect, test } from 'vitest';
import { Graph, type Tensor } from '../../../../nn/graph/graph.ts';
import { conv2d, convTranspose2d } from '../../../../nn/graph/ops/conv.ts';
import { placeholder } from '../../../../nn/graph/variable.ts';

/** The ops that compute something. */
function opsOf(build: (graph: Graph) => Tensor): {
  readonly ops: readonly string[];
  readonly shape: readonly number[];
} {
  const graph = new Graph();
  const { shape } = build(graph);
  const ops = graph.nodes.map(({ op }) => op).filter((op) => op !== 'Placeholder' && op !== 'Const');
  return { ops, shape };
}

const image = (graph: Graph, size: number) => placeholder(graph, 'x', 'float32', [1, size, size, 2]);
const filter = (graph: Graph, kernel: number) => placeholder(graph, 'w', 'float32', [kernel, kernel, 2, 2]);

test.each([
  ['3×3', 8, 3, 1, 1, ['Conv2D'], 8],
  ['3×3 with stride 2 on an odd size', 7, 3, 2, 1, ['Conv2D'], 4],
  ['3×3 with stride 2 on an even size', 8, 3, 2, 1, ['Pad', 'Conv2D'], 4],
  ['7×7 with stride 2', 8, 7, 2, 3, ['Pad', 'Conv2D'], 4],
  ['1×1 with stride 2', 8, 1, 2, 0, ['Conv2D'], 4],
] as const)(
  'zeros get an op of their own only where TensorFlow’s SAME is not PyTorch’s padding: %s',
  (_, size, kernel, stride, padding, ops, result) => {
    const built = opsOf((graph) =>
      conv2d(graph, image(graph, size), filter(graph, kernel), { stride, padding }),
    );
    expect(built).toEqual({ ops, shape: [1, result, result, 2] });
  },
);

test('an up-convolution’s 4×4 with stride 2 is one op', () => {
  const options = { stride: 2, padding: 1 };
  const built = opsOf((graph) =>
    convTranspose2d(graph, image(graph, 4), filter(graph, 4), [1, 8, 8, 2], options),
  );
  expect(built).toEqual({ ops: ['Conv2DBackpropInput'], shape: [1, 8, 8, 2] });
});

test('a filter that is not square is a bug of the caller', () => {
  const graph = new Graph();
  const wrong = placeholder(graph, 'w', 'float32', [3, 1, 2, 2]);
  expect(() => conv2d(graph, image(graph, 8), wrong, { stride: 1, padding: 1 })).toThrow(
    /3×1×2×2 is not square/,
  );
});
