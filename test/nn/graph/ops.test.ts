import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../nn/graph/gradients.ts';
import { Graph, sizeOf, type Tensor } from '../../../nn/graph/graph.ts';
import { add, atLeast, divide, multiply, subtract } from '../../../nn/graph/ops/arithmetic.ts';
import { batchNormTraining } from '../../../nn/graph/ops/batch-norm.ts';
import { addBias } from '../../../nn/graph/ops/bias.ts';
import { constant } from '../../../nn/graph/ops/constant.ts';
import { conv2d, convTranspose2d } from '../../../nn/graph/ops/conv.ts';
import { matmul } from '../../../nn/graph/ops/matmul.ts';
import { maxPool } from '../../../nn/graph/ops/max-pool.ts';
import { exponential, softplus, squareRoot } from '../../../nn/graph/ops/elementwise.ts';
import { descending, permute } from '../../../nn/graph/ops/order.ts';
import { relu } from '../../../nn/graph/ops/relu.ts';
import { concat, reshape, split, sum, transpose } from '../../../nn/graph/ops/shape.ts';
import { softmax } from '../../../nn/graph/ops/softmax.ts';
import { upConv } from '../../../nn/graph/ops/up-conv.ts';
import { Session } from '../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../nn/graph/variable.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { mixed } from '../formula.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

/** Numbers in [−1, 1), none within 0.01 of 0 or of each other's kinks at 0.5. */
function numbers(stream: number, count: number): Float32Array {
  return Float32Array.from(mixed(stream, count), (word) => {
    const value = word / 2147483648 - 1;
    return Math.abs(value) < 0.01 || Math.abs(value - 0.5) < 0.01 ? 0.3 : value;
  });
}

type Op = (graph: Graph, inputs: readonly Tensor[]) => Tensor;

function pick(inputs: readonly Tensor[], at: number): Tensor {
  const input = inputs[at];
  if (input === undefined) throw new Error(`no input ${at}`);
  return input;
}

const binary =
  (op: (graph: Graph, a: Tensor, b: Tensor) => Tensor): Op =>
  (graph, inputs) =>
    op(graph, pick(inputs, 0), pick(inputs, 1));

const cases: Record<string, { readonly shapes: readonly (readonly number[])[]; readonly op: Op }> = {
  'add with broadcasting': { shapes: [[2, 3], [3]], op: binary(add) },
  'subtract with broadcasting': {
    shapes: [
      [2, 3],
      [2, 1],
    ],
    op: binary(subtract),
  },
  multiply: { shapes: [[2, 3], [3]], op: binary(multiply) },
  divide: {
    shapes: [[4], [4]],
    op: binary((graph, a, b) => divide(graph, a, add(graph, b, constant(graph, [3])))),
  },
  'at least': { shapes: [[9]], op: (graph, inputs) => atLeast(graph, pick(inputs, 0), 0.5) },
  relu: { shapes: [[9]], op: (graph, inputs) => relu(graph, pick(inputs, 0)) },
  exponential: { shapes: [[9]], op: (graph, inputs) => exponential(graph, pick(inputs, 0)) },
  softplus: { shapes: [[9]], op: (graph, inputs) => softplus(graph, pick(inputs, 0)) },
  'square root': {
    shapes: [[9]],
    op: (graph, inputs) => squareRoot(graph, add(graph, pick(inputs, 0), constant(graph, [2]))),
  },
  'permute by the order of other numbers': {
    shapes: [[5]],
    op: (graph, inputs) => {
      const others = constant(graph, [0.5, 3, -1, 2, 0.5], [5]);
      return permute(graph, pick(inputs, 0), descending(graph, others));
    },
  },
  reshape: { shapes: [[2, 3]], op: (graph, inputs) => reshape(graph, pick(inputs, 0), [3, 2]) },
  transpose: { shapes: [[2, 3, 4]], op: (graph, inputs) => transpose(graph, pick(inputs, 0), [2, 0, 1]) },
  'split and concat in another order': {
    shapes: [[2, 5]],
    op: (graph, inputs) => concat(graph, [...split(graph, pick(inputs, 0), [2, 3], 1)].reverse(), 1),
  },
  sum: { shapes: [[2, 3, 4]], op: (graph, inputs) => sum(graph, pick(inputs, 0), [0, 2]) },
  softmax: { shapes: [[3, 4]], op: (graph, inputs) => softmax(graph, pick(inputs, 0)) },
  bias: { shapes: [[1, 2, 2, 3], [3]], op: binary(addBias) },
  ...Object.fromEntries(
    [false, true].flatMap((left) =>
      [false, true].map((right) => [
        `matmul${left ? ' of a transposed' : ''}${right ? ' by a transposed' : ''}`,
        {
          shapes: [left ? [4, 2] : [2, 4], right ? [3, 4] : [4, 3]],
          op: binary((graph, a, b) => matmul(graph, a, b, left, right)),
        },
      ]),
    ),
  ),
  'conv 3×3': {
    shapes: [
      [1, 4, 4, 2],
      [3, 3, 2, 3],
    ],
    op: binary((g, x, w) => conv2d(g, x, w, { stride: 1, padding: 1 })),
  },
  'conv 3×3 with stride 2': {
    shapes: [
      [1, 4, 6, 2],
      [3, 3, 2, 3],
    ],
    op: binary((g, x, w) => conv2d(g, x, w, { stride: 2, padding: 1 })),
  },
  'conv 7×7 with stride 2': {
    shapes: [
      [1, 8, 8, 1],
      [7, 7, 1, 2],
    ],
    op: binary((g, x, w) => conv2d(g, x, w, { stride: 2, padding: 3 })),
  },
  'transposed conv 4×4 with stride 2': {
    shapes: [
      [1, 3, 3, 2],
      [4, 4, 3, 2],
    ],
    op: binary((g, x, w) => convTranspose2d(g, x, w, [1, 6, 6, 3], { stride: 2, padding: 1 })),
  },
  'folded up-convolution': {
    shapes: [
      [1, 3, 2, 2],
      [3, 3, 2, 2],
    ],
    op: binary(upConv),
  },
  'max-pool': {
    shapes: [[1, 4, 4, 2]],
    op: (graph, inputs) => {
      // Far apart, so that a small step changes no maximum.
      const ramp = constant(
        graph,
        Array.from({ length: 32 }, (_, at) => 4 * ((at * 7) % 32)),
        [1, 4, 4, 2],
      );
      return maxPool(graph, add(graph, pick(inputs, 0), ramp), { kernel: 3, stride: 2, padding: 1 });
    },
  },
  'batch norm': {
    shapes: [[2, 2, 2, 2], [2], [2]],
    op: (graph, inputs) =>
      batchNormTraining(graph, pick(inputs, 0), {
        weight: pick(inputs, 1),
        bias: pick(inputs, 2),
        runningMean: constant(graph, [0, 0], [2]),
        runningVariance: constant(graph, [1, 1], [2]),
      }).y,
  },
};

describe('the gradient of an op agrees with finite differences', () => {
  test.each(Object.entries(cases))('%s', (_, { shapes, op }) => {
    const graph = new Graph();
    const inputs = shapes.map((shape, at) => placeholder(graph, `input.${at}`, 'float32', shape));
    const result = op(graph, inputs);
    // A weighted sum of the result, so that every element of its gradient differs.
    const count = sizeOf(result.shape);
    const weighted = multiply(
      graph,
      reshape(graph, result, [count]),
      constant(graph, numbers(99, count), [count]),
    );
    const loss = fetch(graph, 'loss', sum(graph, weighted, [0]));
    const slopes = gradients(graph, loss, inputs);
    const session = new Session(tensorFlow, graph, tmpdir());
    const values = shapes.map((shape, at) => numbers(at, sizeOf(shape)));
    const feeds = (moved: readonly Float32Array[]) =>
      inputs.map((input, at) => [input, moved[at] ?? new Float32Array()] as const);
    const lossAt = (moved: readonly Float32Array[]) => Number(session.run(feeds(moved), [loss])[0]?.[0]);
    const found = session.run(feeds(values), slopes);
    const step = 1 / 128;
    values.forEach((value, at) => {
      const numeric = Array.from(value, (_, element) => {
        const shifted = (by: number) =>
          values.map((other, index) =>
            index === at ? other.map((v, e) => (e === element ? v + by : v)) : other,
          );
        return (lossAt(shifted(step)) - lossAt(shifted(-step))) / (2 * step);
      });
      const largest = Math.max(...numeric.map(Math.abs), 0.1);
      numeric.forEach((slope, element) => {
        expect(
          Math.abs(Number(found[at]?.[element]) - slope) / largest,
          `input ${at}, element ${element}`,
        ).toBeLessThan(5e-3);
      });
    });
    session.close();
  });
});

test('no tensor is left behind by a run', () => {
  const graph = new Graph();
  const input = placeholder(graph, 'input', 'float32', [2]);
  const twice = add(graph, input, input);
  const session = new Session(tensorFlow, graph, tmpdir());
  const before = tensorFlow.tensors();
  const [first] = session.run([[input, Float32Array.of(1, 2)]], [twice]);
  expect(first).toEqual(Float32Array.of(2, 4));
  expect(() => session.run([[input, new Uint8Array(2)]], [twice])).toThrow(
    'Internal error: input takes float32',
  );
  expect(tensorFlow.tensors()).toBe(before);
  session.close();
});
