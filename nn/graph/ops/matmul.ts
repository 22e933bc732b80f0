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

/** aᵀ·b of each of B pairs of matrices: B×N×I and B×N×J → B×I×J. */
export function batchMatmulOfTransposed(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return pairwise(graph, a, b, [true, false], (dy) => [
    // da = b·dyᵀ, db = a·dy
    pairwise(graph, b, dy, [false, true]),
    pairwise(graph, a, dy, [false, false]),
  ]);
}

function pairwise(
  graph: Graph,
  a: Tensor,
  b: Tensor,
  [transposeA, transposeB]: readonly [boolean, boolean],
  gradient?: (dy: Tensor) => readonly Tensor[],
): Tensor {
  return graph.one({
    op: 'BatchMatMulV2',
    inputs: [a, b],
    attributes: { T: { type: a.dtype }, adj_x: { bool: transposeA }, adj_y: { bool: transposeB } },
    dtype: a.dtype,
    shape: [dimension(a, 0), dimension(a, transposeA ? 2 : 1), dimension(b, transposeB ? 1 : 2)],
    ...(gradient === undefined
      ? {}
      : { gradient: ([dy]: readonly (Tensor | undefined)[]) => (dy === undefined ? [] : gradient(dy)) }),
  });
}
