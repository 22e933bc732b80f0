import type { Shape } from './attribute.ts';
import { output, type Graph, type Node, type Tensor } from './graph.ts';
import type { DType } from './dtype.ts';

/** State that lives in the session between runs: a weight, a moment, a running statistic. */
export interface Variable {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The resource handle. */
  readonly handle: Tensor;
}

export function variable(graph: Graph, name: string, shape: Shape): Variable {
  const dtype = 'float32';
  const handle = graph.one({
    op: 'VarHandleOp',
    name: `variable/${name}`,
    attributes: {
      dtype: { type: dtype },
      shape: { shape },
      shared_name: { string: name },
      container: { string: '' },
    },
    dtype: 'resource',
    shape: [],
  });
  return { name, dtype, shape, handle };
}

/** The variable's value at the time when this node runs, after all of `after`. Its gradient can be asked for. */
export function read(graph: Graph, from: Variable, after: readonly Node[] = []): Tensor {
  return graph.one({
    op: 'ReadVariableOp',
    inputs: [from.handle],
    attributes: { dtype: { type: from.dtype } },
    dtype: from.dtype,
    shape: from.shape,
    after,
  });
}

export function assign(graph: Graph, to: Variable, value: Tensor): Node {
  return graph.add({
    op: 'AssignVariableOp',
    inputs: [to.handle, value],
    attributes: { dtype: { type: to.dtype } },
    outputs: [],
  });
}

/** A value that is fed at each run. */
export function placeholder(graph: Graph, name: string, dtype: DType, shape: Shape): Tensor {
  return graph.one({
    op: 'Placeholder',
    name,
    attributes: { dtype: { type: dtype }, shape: { shape } },
    dtype,
    shape,
  });
}

/** Hands on `value` under a name of its own once all of `after` have run. */
export function fetch(graph: Graph, name: string, value: Tensor, after: readonly Node[] = []): Tensor {
  return output(
    graph.add({
      op: 'Identity',
      name,
      inputs: [value],
      attributes: { T: { type: value.dtype } },
      after,
      outputs: [value],
      gradient: ([dy]) => [dy],
    }),
    0,
  );
}
