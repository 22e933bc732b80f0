import { dimension, type Graph, type Tensor } from '../graph.ts';
import { multiply, subtract } from './arithmetic.ts';
import { constant } from './constant.ts';
import { exponential } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { reshape, sum } from './shape.ts';

/** Probabilities of N×C logits: p = exp(z)/Σexp(z); ∂L/∂z = p·(∂L/∂p − Σp·∂L/∂p). */
export function softmax(graph: Graph, logits: Tensor): Tensor {
  const p: Tensor = graph.one({
    op: 'Softmax',
    inputs: [logits],
    attributes: { T: { type: logits.dtype } },
    dtype: logits.dtype,
    shape: logits.shape,
    gradient: ([dp]) => {
      if (dp === undefined) return [];
      const mean = reshape(graph, sum(graph, multiply(graph, p, dp), [1]), [dimension(logits, 0), 1]);
      return [multiply(graph, p, subtract(graph, dp, mean))];
    },
  });
  return p;
}

const recorded = new WeakMap<Tensor, Tensor>();

/**
 * log p = z − log Σexp(z) of N×C logits; ∂L/∂z = g − p·Σg with g = ∂L/∂log p. A product with ones sums a row and repeats
 * the sum in one pass. The same logits give the same tensor: losses that share it share their way back through it.
 */
export function logSoftmax(graph: Graph, logits: Tensor): Tensor {
  const before = recorded.get(logits);
  if (before !== undefined) return before;
  const classes = dimension(logits, 1);
  const logs: Tensor = graph.one({
    op: 'LogSoftmax',
    inputs: [logits],
    attributes: { T: { type: logits.dtype } },
    dtype: logits.dtype,
    shape: logits.shape,
    gradient: ([g]) => {
      if (g === undefined) return [];
      const ones = constant(graph, new Float32Array(classes * classes).fill(1), [classes, classes]);
      return [subtract(graph, g, multiply(graph, exponential(graph, logs), matmul(graph, g, ones)))];
    },
  });
  recorded.set(logits, logs);
  return logs;
}
