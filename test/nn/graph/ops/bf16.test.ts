import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../../nn/graph/gradients.ts';
import { Graph, sizeOf, type Tensor } from '../../../../nn/graph/graph.ts';
import { cast, multiply } from '../../../../nn/graph/ops/arithmetic.ts';
import { constant } from '../../../../nn/graph/ops/constant.ts';
import { conv2d, convTranspose2d } from '../../../../nn/graph/ops/conv.ts';
import { reshape, sum } from '../../../../nn/graph/ops/shape.ts';
import { upConv } from '../../../../nn/graph/ops/up-conv.ts';
import { Session } from '../../../../nn/graph/session.ts';
import { placeholder } from '../../../../nn/graph/variable.ts';
import type { ComputeType } from '../../../../nn/precision.ts';
import type { TensorFlow } from '../../../../runtime/load.ts';
import { installLimit } from '../../../runtime/installed.ts';
import { mixed } from '../../formula.ts';
import { tensorFlowForTests } from '../../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

interface Case {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  /** `x` is of the type that is tried, the filter fp32. */
  readonly op: (graph: Graph, x: Tensor, filter: Tensor) => Tensor;
}

function convolution(x: readonly number[], filter: readonly number[], stride: number, padding: number): Case {
  return { x, filter, op: (g, a, b) => conv2d(g, a, cast(g, b, a.dtype), { stride, padding }) };
}

function transposed(x: readonly number[], filter: readonly number[], rows: number, columns: number): Case {
  const [n = 0, , , out = 0] = [x[0], 0, 0, filter[2]];
  const shape = [n, rows, columns, out];
  return {
    x,
    filter,
    op: (g, a, b) => convTranspose2d(g, a, cast(g, b, a.dtype), shape, { stride: 2, padding: 1 }),
  };
}

const cases: Readonly<Record<string, Case>> = {
  'conv 1×1 with stride 2': convolution([1, 4, 6, 2], [1, 1, 2, 3], 2, 0),
  'conv 3×3': convolution([2, 5, 4, 2], [3, 3, 2, 3], 1, 1),
  'conv 3×3 with stride 2': convolution([1, 4, 6, 2], [3, 3, 2, 3], 2, 1),
  'conv 3×3 with stride 2 of odd sides': convolution([1, 7, 5, 2], [3, 3, 2, 3], 2, 1),
  'conv 7×7 with stride 2': convolution([1, 8, 8, 1], [7, 7, 1, 2], 2, 3),
  'transposed conv 4×4 with stride 2': transposed([1, 3, 4, 2], [4, 4, 3, 2], 6, 8),
  'conv 3×3 of many channels': convolution([2, 3, 4, 256], [3, 3, 256, 256], 1, 1),
  'conv 3×3 of many channels with stride 2': convolution([2, 4, 6, 128], [3, 3, 128, 512], 2, 1),
  'conv 3×3 of many channels with stride 2 of odd sides': convolution([1, 5, 3, 256], [3, 3, 256, 256], 2, 1),
  'transposed conv 4×4 of many channels with stride 2': transposed([2, 2, 3, 512], [4, 4, 128, 512], 4, 6),
  'folded up-convolution': { x: [1, 3, 2, 2], filter: [3, 3, 2, 2], op: upConv },
};

/** −1, 0 and 1: bfloat16 holds whole numbers up to 256, so that nothing is rounded. */
function wholeNumbers(stream: number, count: number): Float32Array {
  return Float32Array.from(mixed(stream, count), (word) => (word % 3) - 1);
}

/** The result and the gradients of both inputs under a weighted sum, in fp32. */
function computed({ x, filter, op }: Case, compute: ComputeType): number[][] {
  const graph = new Graph();
  const inputs = [x, filter].map((shape, at) => placeholder(graph, `input.${at}`, 'float32', shape));
  const [a, b] = inputs;
  if (a === undefined || b === undefined) throw new Error('two inputs');
  const y = cast(graph, op(graph, cast(graph, a, compute), b), 'float32');
  const count = sizeOf(y.shape);
  const weights = constant(graph, wholeNumbers(99, count), [count]);
  const loss = sum(graph, multiply(graph, reshape(graph, y, [count]), weights), [0]);
  const fetched = [y, ...gradients(graph, loss, inputs)];
  const session = new Session(tensorFlow, graph, tmpdir());
  const feeds = inputs.map((input, at) => [input, wholeNumbers(at, sizeOf(input.shape))] as const);
  const found = session.run(feeds, fetched).map((values) => Array.from(values as Float32Array));
  session.close();
  return found;
}

describe('of whole numbers, bf16 computes what fp32 does: values and gradients are equal, also along the border', () => {
  test.each(Object.entries(cases))('%s', (_, each) => {
    const found = computed(each, 'bfloat16');
    expect(found).toEqual(computed(each, 'float32'));
    expect(new Set(found[0]).size).toBeGreaterThan(3);
  });
});
