import type { Graph, Tensor } from '../../../../nn/graph/graph.ts';
import { isPositive } from '../../../../nn/graph/ops/arithmetic.ts';
import { batchNormInference } from '../../../../nn/graph/ops/batch-norm.ts';
import {
  argMax,
  countRows,
  equal,
  oneHot,
  packBytes,
  pick,
  select,
} from '../../../../nn/graph/ops/classes.ts';
import { bytes, constant, integers } from '../../../../nn/graph/ops/constant.ts';
import { detached } from '../../../../nn/graph/ops/elementwise.ts';
import { filterGradient } from '../../../../nn/graph/ops/filter-gradient.ts';
import { allFinite } from '../../../../nn/graph/ops/finite.ts';
import { descending, runningSums } from '../../../../nn/graph/ops/order.ts';
import { firstLength } from '../../../../nn/graph/ops/shape.ts';
import { placeholder } from '../../../../nn/graph/variable.ts';

/** The exports of nn/graph/ops that hand no gradient on, each with a use of it: they serve labels, scores and predictions. */
export const withoutGradient: readonly (readonly [unknown, (graph: Graph, x: Tensor) => Tensor])[] = [
  [isPositive, isPositive],
  [argMax, argMax],
  [detached, detached],
  [allFinite, (graph, x) => allFinite(graph, [x])],
  [descending, (graph) => descending(graph, constant(graph, [2, 3], [2]))],
  [runningSums, (graph) => runningSums(graph, constant(graph, [2, 3], [2]))],
  [constant, (graph) => constant(graph, [1])],
  [integers, (graph) => integers(graph, [1])],
  [bytes, (graph) => bytes(graph, Uint8Array.of(1))],
  [pick, (graph) => pick(graph, Uint8Array.of(7, 9), integers(graph, [0, 1]))],
  [firstLength, firstLength],
  [oneHot, (graph) => oneHot(graph, integers(graph, [0, 1]), 2)],
  [countRows, (graph) => countRows(graph, integers(graph, [0, 1], [1, 2]), 2)],
  [equal, (graph, x) => equal(graph, x, x)],
  [select, (graph, x) => select(graph, equal(graph, x, x), x, x)],
  [filterGradient, (graph, x) => filterGradient(graph, x, [1, 1, 2, 2], x, { stride: 1, border: 'VALID' })],
  [packBytes, (graph) => packBytes(graph, placeholder(graph, 'bytes', 'uint8', [4]))],
  [
    batchNormInference,
    (graph, x) => {
      const vector = constant(graph, [1, 1], [2]);
      const inputs = { weight: vector, bias: vector, runningMean: vector, runningVariance: vector };
      return batchNormInference(graph, x, inputs);
    },
  ],
];
