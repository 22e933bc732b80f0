import { Graph, sizeOf, type Tensor } from '../../../../nn/graph/graph.ts';
import { constant } from '../../../../nn/graph/ops/constant.ts';
import { multiply } from '../../../../nn/graph/ops/arithmetic.ts';
import { reshape, sum } from '../../../../nn/graph/ops/shape.ts';
import { fetch, placeholder } from '../../../../nn/graph/variable.ts';
import { mixed } from '../../formula.ts';

/** Multiples of 1/64 in (−1, 1): bfloat16 holds them, and half a step beside them. None is within 0.01 of 0 or 0.5. */
function numbers(stream: number, count: number): Float32Array {
  return Float32Array.from(mixed(stream, count), (word) => {
    const value = ((word % 127) - 63) / 64;
    return value === 0 || value === 0.5 ? 0.296875 : value;
  });
}

export interface Scalar {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  readonly values: readonly Float32Array[];
  /** The scalar, in a node called `loss`. */
  readonly loss: Tensor;
}

/** A weighted sum of what `build` makes of inputs of these shapes: the weights let every element of a gradient differ. */
export function scalarOf(
  shapes: readonly (readonly number[])[],
  build: (graph: Graph, ...inputs: readonly Tensor[]) => Tensor,
): Scalar {
  const graph = new Graph();
  const inputs = shapes.map((shape, at) => placeholder(graph, `input.${at}`, 'float32', shape));
  const result = build(graph, ...inputs);
  const count = sizeOf(result.shape);
  const weights = constant(graph, numbers(99, count), [count]);
  const total = sum(graph, multiply(graph, reshape(graph, result, [count]), weights), [0]);
  const values = shapes.map((shape, at) => numbers(at, sizeOf(shape)));
  return { graph, inputs, values, loss: fetch(graph, 'loss', total) };
}
