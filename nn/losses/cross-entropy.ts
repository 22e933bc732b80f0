import { atLeast, divide, multiply } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { sum } from '../graph/ops/shape.ts';
import { softmaxCrossEntropy } from '../graph/ops/softmax.ts';
import type { Loss, LossOptions } from './target.ts';

/**
 * Mean of −log softmax(z)[label] over the pixels that are not ignored, as `torch.nn.functional.cross_entropy`; with
 * class weights Σ w[label]·… / Σ w[label]. Where every pixel is ignored, or has the weight 0, it is 0 (PyTorch: NaN), so
 * that such a batch teaches nothing instead of ending the training.
 */
export function crossEntropy({ classWeights }: LossOptions): Loss {
  return (graph, logits, { labels, oneHot, counts }) => {
    const shares =
      classWeights === null
        ? counts
        : sum(graph, multiply(graph, oneHot, constant(graph, classWeights, [classWeights.length])), [1]);
    const each = multiply(graph, softmaxCrossEntropy(graph, logits, labels), shares);
    // Without weights the sum of the shares is a whole number, so that 1 is its least but for 0.
    const least = classWeights === null ? 1 : smallestNormal;
    return divide(graph, sum(graph, each, [0]), atLeast(graph, sum(graph, shares, [0]), least));
  };
}

/** 2⁻¹²⁶, the smallest fp32 number of full precision. */
const smallestNormal = 1.1754943508222875e-38;
