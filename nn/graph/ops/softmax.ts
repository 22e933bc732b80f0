import { dimension, output, type Graph, type Tensor } from '../graph.ts';
import { multiply, subtract } from './arithmetic.ts';
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

/** −log softmax(z)[label] for each of N rows; labels are int32 in 0…C−1. TensorFlow computes ∂/∂z = p − onehot beside it. */
export function softmaxCrossEntropy(graph: Graph, logits: Tensor, labels: Tensor): Tensor {
  const rows = dimension(logits, 0);
  const node = graph.add({
    op: 'SparseSoftmaxCrossEntropyWithLogits',
    inputs: [logits, labels],
    attributes: { T: { type: logits.dtype }, Tlabels: { type: 'int32' } },
    outputs: [{ dtype: logits.dtype, shape: [rows] }, logits],
    gradient: ([dy]) => [dy && multiply(graph, output(node, 1), reshape(graph, dy, [rows, 1]))],
  });
  return output(node, 0);
}
