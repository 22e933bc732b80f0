import type { Graph, Tensor } from '../../../../nn/graph/graph.ts';
import { addInOrder } from '../../../../nn/graph/ops/add-in-order.ts';
import {
  add,
  atLeast,
  cast,
  divide,
  multiply,
  scale,
  subtract,
} from '../../../../nn/graph/ops/arithmetic.ts';
import { batchNormTraining } from '../../../../nn/graph/ops/batch-norm.ts';
import { addBias } from '../../../../nn/graph/ops/bias.ts';
import { constant } from '../../../../nn/graph/ops/constant.ts';
import { conv2d, convTranspose2d } from '../../../../nn/graph/ops/conv.ts';
import { exponential, softplus, squareRoot } from '../../../../nn/graph/ops/elementwise.ts';
import { batchMatmulOfTransposed, matmul } from '../../../../nn/graph/ops/matmul.ts';
import { maxPool } from '../../../../nn/graph/ops/max-pool.ts';
import { descending, permute } from '../../../../nn/graph/ops/order.ts';
import { crop, pad } from '../../../../nn/graph/ops/pad.ts';
import { relu } from '../../../../nn/graph/ops/relu.ts';
import { concat, reshape, split, sum, transpose } from '../../../../nn/graph/ops/shape.ts';
import { logSoftmax, softmax } from '../../../../nn/graph/ops/softmax.ts';
import { upConv } from '../../../../nn/graph/ops/up-conv.ts';

/** An op of nn/graph/ops whose gradient is checked: how it is built from fp32 inputs of these shapes. */
export interface GradientCase {
  readonly op: (graph: Graph, ...inputs: readonly Tensor[]) => Tensor;
  readonly shapes: readonly (readonly number[])[];
  /** The exports of nn/graph/ops that this case is the check of; `op` itself where it is one. */
  readonly covers: readonly unknown[];
}

type Unary = (graph: Graph, x: Tensor) => Tensor;
type Binary = (graph: Graph, a: Tensor, b: Tensor) => Tensor;

function one(shape: readonly number[], op: Unary, covers: readonly unknown[] = [op]): GradientCase {
  return { op: (graph, x) => op(graph, given(x)), shapes: [shape], covers };
}

function two(
  a: readonly number[],
  b: readonly number[],
  op: Binary,
  covers: readonly unknown[] = [op],
): GradientCase {
  return { op: (graph, x, y) => op(graph, given(x), given(y)), shapes: [a, b], covers };
}

export function given(input: Tensor | undefined): Tensor {
  if (input === undefined) throw new Error('an input is missing');
  return input;
}

/** 1×4×4×2 numbers moved so far from each other that a small step changes no maximum; all are positive. */
export function apart(graph: Graph, x: Tensor): Tensor {
  const ramp = Array.from({ length: 32 }, (_, at) => 4 + 4 * ((at * 7) % 32));
  return add(graph, x, constant(graph, ramp, [1, 4, 4, 2]));
}

function margins(...each: readonly (readonly [before: number, after: number])[]) {
  return each;
}

function convolution(x: readonly number[], filter: readonly number[], stride: number, padding: number) {
  return two(x, filter, (graph, a, b) => conv2d(graph, a, b, { stride, padding }), [conv2d]);
}

/** Inputs are multiples of 1/64 in (−1, 1), none of them within 0.01 of 0 or 0.5, where some ops have a kink. */
export const cases: Readonly<Record<string, GradientCase>> = {
  'add with broadcasting': two([2, 3], [3], add),
  'add in order': two([2, 3], [2, 3], addInOrder),
  'add in order with broadcasting': two([2, 3], [3], addInOrder),
  'subtract with broadcasting': two([2, 3], [2, 1], subtract),
  'multiply with broadcasting': two([2, 3], [3], multiply),
  'divide with broadcasting': two(
    [3, 4],
    [4],
    (graph, a, b) => divide(graph, a, add(graph, b, constant(graph, [3]))),
    [divide],
  ),
  scale: one([5], (graph, x) => scale(graph, x, -2.5), [scale]),
  'at least': one([9], (graph, x) => atLeast(graph, x, 0.5), [atLeast]),
  'cast to bfloat16 and back': one([9], (graph, x) => cast(graph, cast(graph, x, 'bfloat16'), 'float32'), [
    cast,
  ]),
  relu: one([9], relu),
  exponential: one([9], exponential),
  softplus: one([9], softplus),
  'square root': one([9], (graph, x) => squareRoot(graph, add(graph, x, constant(graph, [2]))), [squareRoot]),
  'permute by the order of other numbers': one(
    [5],
    (graph, x) => permute(graph, x, descending(graph, constant(graph, [0.5, 3, -1, 2, 0.5], [5]))),
    [permute],
  ),
  reshape: one([2, 3], (graph, x) => reshape(graph, x, [3, 2]), [reshape]),
  transpose: one([2, 3, 4], (graph, x) => transpose(graph, x, [2, 0, 1]), [transpose]),
  'split and concat in another order': one(
    [2, 5],
    (graph, x) => concat(graph, split(graph, x, [2, 3], 1).reverse(), 1),
    [split, concat],
  ),
  'pad, and crop elsewhere': one(
    [2, 3],
    (graph, x) => {
      const padded = pad(graph, x, margins([0, 1], [2, 0]));
      return crop(graph, multiply(graph, padded, padded), margins([1, 0], [1, 2]));
    },
    [pad, crop],
  ),
  sum: one([2, 3, 4], (graph, x) => sum(graph, x, [0, 2]), [sum]),
  softmax: one([3, 4], softmax),
  'logarithm of softmax': one([3, 4], logSoftmax),
  bias: two([1, 2, 2, 3], [3], addBias),
  matmul: two([2, 4], [4, 3], matmul),
  'matmul of a transposed': two([4, 2], [4, 3], (graph, a, b) => matmul(graph, a, b, true, false), [matmul]),
  'matmul by a transposed': two([2, 4], [3, 4], (graph, a, b) => matmul(graph, a, b, false, true), [matmul]),
  'matmul of two transposed': two([4, 2], [3, 4], (graph, a, b) => matmul(graph, a, b, true, true), [matmul]),
  'matmul of each transposed of a batch': two([2, 4, 2], [2, 4, 3], batchMatmulOfTransposed),
  'conv 1×1': convolution([2, 3, 3, 2], [1, 1, 2, 3], 1, 0),
  'conv 1×1 with stride 2': convolution([1, 4, 6, 2], [1, 1, 2, 3], 2, 0),
  'conv 3×3': convolution([2, 4, 4, 2], [3, 3, 2, 3], 1, 1),
  'conv 3×3 with stride 2': convolution([1, 4, 6, 2], [3, 3, 2, 3], 2, 1),
  'conv 7×7 with stride 2': convolution([1, 8, 8, 1], [7, 7, 1, 2], 2, 3),
  'transposed conv 4×4 with stride 2': two(
    [1, 3, 3, 2],
    [4, 4, 3, 2],
    (graph, x, filter) => convTranspose2d(graph, x, filter, [1, 6, 6, 3], { stride: 2, padding: 1 }),
    [convTranspose2d],
  ),
  'transposed conv 3×3 with stride 2': two(
    [1, 2, 3, 2],
    [3, 3, 3, 2],
    (graph, x, filter) => convTranspose2d(graph, x, filter, [1, 4, 6, 3], { stride: 2, padding: 1 }),
    [convTranspose2d],
  ),
  'folded up-convolution': two([1, 3, 2, 2], [3, 3, 2, 2], upConv),
  'max-pool': one(
    [1, 4, 4, 2],
    (graph, x) => maxPool(graph, apart(graph, x), { kernel: 3, stride: 2, padding: 1 }),
    [maxPool],
  ),
  'batch norm': {
    shapes: [[2, 3, 2, 2], [2], [2]],
    op: (graph, x, weight, bias) =>
      batchNormTraining(graph, given(x), {
        weight: given(weight),
        bias: given(bias),
        runningMean: constant(graph, [0, 0], [2]),
        runningVariance: constant(graph, [1, 1], [2]),
      }).y,
    covers: [batchNormTraining],
  },
};
