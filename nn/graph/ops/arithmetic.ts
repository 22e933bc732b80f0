import type { Shape } from '../attribute.ts';
import { sameShape, type Graph, type Tensor } from '../graph.ts';
import { reshape, sum } from './shape.ts';
import { constant } from './constant.ts';

type Operator = 'AddV2' | 'Sub' | 'Mul' | 'RealDiv' | 'Maximum';

/** a + b with NumPy's broadcasting. */
export function add(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return binary(graph, 'AddV2', a, b, (dy) => [dy, dy]);
}

/** a − b with NumPy's broadcasting. */
export function subtract(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return binary(graph, 'Sub', a, b, (dy) => [dy, scale(graph, dy, -1)]);
}

/** a · b with NumPy's broadcasting. */
export function multiply(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return binary(graph, 'Mul', a, b, (dy) => [multiply(graph, dy, b), multiply(graph, dy, a)]);
}

/** a / b with NumPy's broadcasting; ∂/∂b = −(a/b)/b. */
export function divide(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const quotient: Tensor = binary(graph, 'RealDiv', a, b, (dy) => {
    const da = divide(graph, dy, b);
    return [da, scale(graph, multiply(graph, da, quotient), -1)];
  });
  return quotient;
}

/** factor · a. */
export function scale(graph: Graph, a: Tensor, factor: number): Tensor {
  return multiply(graph, a, constant(graph, [factor]));
}

/** max(a, floor); the gradient passes where a ≥ floor, as that of PyTorch's `clamp_min` does. */
export function atLeast(graph: Graph, a: Tensor, floor: number): Tensor {
  const bound = constant(graph, [floor]);
  return binary(graph, 'Maximum', a, bound, (dy) => {
    const passes = graph.one({
      op: 'GreaterEqual',
      inputs: [a, bound],
      attributes: { T: { type: a.dtype } },
      dtype: 'bool',
      shape: a.shape,
    });
    return [multiply(graph, dy, cast(graph, passes, a.dtype)), undefined];
  });
}

/** 1 where a > 0, else 0; no gradient. */
export function isPositive(graph: Graph, a: Tensor): Tensor {
  const positive = graph.one({
    op: 'Greater',
    inputs: [a, constant(graph, [0])],
    attributes: { T: { type: a.dtype } },
    dtype: 'bool',
    shape: a.shape,
  });
  return cast(graph, positive, a.dtype);
}

/** The same values in another type; integers carry no gradient. */
export function cast(graph: Graph, a: Tensor, dtype: Tensor['dtype']): Tensor {
  if (a.dtype === dtype) return a;
  const isFloat = (type: Tensor['dtype']) => type === 'float32' || type === 'bfloat16';
  return graph.one({
    op: 'Cast',
    inputs: [a],
    attributes: { SrcT: { type: a.dtype }, DstT: { type: dtype }, Truncate: { bool: false } },
    dtype,
    shape: a.shape,
    ...(isFloat(a.dtype) && isFloat(dtype)
      ? { gradient: ([dy]) => [dy === undefined ? undefined : cast(graph, dy, a.dtype)] }
      : {}),
  });
}

function binary(
  graph: Graph,
  op: Operator,
  a: Tensor,
  b: Tensor,
  gradient: (dy: Tensor) => readonly (Tensor | undefined)[],
): Tensor {
  return graph.one({
    op,
    inputs: [a, b],
    attributes: { T: { type: a.dtype } },
    dtype: a.dtype,
    shape: broadcast(a.shape, b.shape),
    gradient: ([dy]) => {
      if (dy === undefined) return [];
      const [da, db] = gradient(dy);
      return [da && reduceTo(graph, da, a.shape), db && reduceTo(graph, db, b.shape)];
    },
  });
}

/** The shape of a result under NumPy's rule: axes are matched from the last, and a length of 1 stretches. */
function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`Internal error: shapes ${a.join('×')} and ${b.join('×')} do not fit`);
    }
    return left === 1 ? right : left;
  });
}

/** Undoes broadcasting in a gradient: sums over the axes that were stretched. */
function reduceTo(graph: Graph, gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const missing = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(graph, sum(graph, gradient, axes), shape);
}
