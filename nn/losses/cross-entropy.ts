import { atLeast, divide, multiply } from '../graph/ops/arithmetic.ts';
import { sum } from '../graph/ops/shape.ts';
import { softmaxCrossEntropy } from '../graph/ops/softmax.ts';
import type { Loss } from './target.ts';

/**
 * Mean of −log softmax(z)[label] over the pixels that are not ignored, as `torch.nn.functional.cross_entropy`.
 * Where every pixel is ignored it is 0 (PyTorch: NaN), so that such a batch teaches nothing instead of ending the training.
 */
export const crossEntropy: Loss = (graph, logits, { labels, counts }) => {
  const each = multiply(graph, softmaxCrossEntropy(graph, logits, labels), counts);
  return divide(graph, sum(graph, each, [0]), atLeast(graph, sum(graph, counts, [0]), 1));
};
