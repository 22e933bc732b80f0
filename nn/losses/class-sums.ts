import { dimension, type Graph, type Tensor } from '../graph/graph.ts';
import { multiply } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { batchMatmulOfTransposed } from '../graph/ops/matmul.ts';
import { reshape, sum } from '../graph/ops/shape.ts';

/** So many numbers at most are summed one after another in fp32; longer runs of them would lose digits. */
const longest = 128;

/** The largest power of two up to `longest` that divides `length`. */
function runOf(length: number): number {
  let run = longest;
  while (length % run !== 0) run /= 2;
  return run;
}

/**
 * C×C sums of N×C values: row l, column c is Σ value[n, c] over the pixels n whose label is l. In one pass over both, a
 * product of matrices, and so is its gradient. Ignored pixels, whose row of `oneHot` is 0, count nowhere.
 */
export function classSums(graph: Graph, oneHot: Tensor, values: Tensor): Tensor {
  const [pixels, classes] = [dimension(values, 0), dimension(values, 1)];
  const rows = runOf(pixels);
  const count = pixels / rows;
  const blocks = [count, rows, classes];
  const each = batchMatmulOfTransposed(graph, reshape(graph, oneHot, blocks), reshape(graph, values, blocks));
  const run = runOf(count);
  return sum(graph, sum(graph, reshape(graph, each, [count / run, run, classes, classes]), [1]), [0]);
}

/** What each class's own pixels hold of it: the diagonal of a C×C matrix. */
export function diagonal(graph: Graph, matrix: Tensor): Tensor {
  const classes = dimension(matrix, 0);
  const identity = Float32Array.from({ length: classes * classes }, (_, at) =>
    at % (classes + 1) === 0 ? 1 : 0,
  );
  return sum(graph, multiply(graph, matrix, constant(graph, identity, [classes, classes])), [1]);
}
