import { dimension, type Graph, type Tensor } from '../graph.ts';

/** The matrix product of a (or aᵀ) and b (or bᵀ). */
export function matmul(graph: Graph, a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
  const inner = dimension(a, transposeA ? 0 : 1);
  if (inner !== dimension(b, transposeB ? 1 : 0)) {
    throw new Error(`Internal error: matrices ${a.shape.join('×')} and ${b.shape.join('×')} do not fit`);
  }
  return graph.one({
    op: 'MatMul',
    inputs: [a, b],
    attributes: {
      T: { type: a.dtype },
      transpose_a: { bool: transposeA },
      transpose_b: { bool: transposeB },
    },
    dtype: a.dtype,
    shape: [dimension(a, transposeA ? 1 : 0), dimension(b, transposeB ? 0 : 1)],
    gradient: ([dy]) => {
      if (dy === undefined) return [];
      const da = transposeA
        ? matmul(graph, b, dy, transposeB, true)
        : matmul(graph, dy, b, false, !transposeB);
      const db = transposeB
        ? matmul(graph, dy, a, true, transposeA)
        : matmul(graph, a, dy, !transposeA, false);
      return [da, db];
    },
  });
}
