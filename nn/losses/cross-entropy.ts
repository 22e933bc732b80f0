import { atLeast, divide, multiply, scale } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { sum } from '../graph/ops/shape.ts';
import { logSoftmax } from '../graph/ops/softmax.ts';
import { classSums, diagonal } from './class-sums.ts';
import type { Loss, LossOptions } from './target.ts';

/**
 * Mean of −log softmax(z)[label] over the pixels that are not ignored, as `torch.nn.functional.cross_entropy`; with
 * class weights Σ w[label]·… / Σ w[label]. Where every pixel is ignored, or has the weight 0, it is 0 (PyTorch: NaN), so
 * that such a batch teaches nothing instead of ending the training.
 */
export function crossEntropy({ classWeights }: LossOptions): Loss {
  return (graph, logits, { oneHot }) => {
    const weighted = (each: typeof logits) =>
      classWeights === null
        ? each
        : multiply(graph, each, constant(graph, classWeights, [classWeights.length]));
    const logs = weighted(diagonal(graph, classSums(graph, oneHot, logSoftmax(graph, logits))));
    const shares = weighted(sum(graph, oneHot, [0]));
    // Without weights the sum of the shares is a whole number, so that 1 is its least but for 0.
    const least = classWeights === null ? 1 : smallestNormal;
    const total = atLeast(graph, sum(graph, shares, [0]), least);
    return divide(graph, sum(graph, scale(graph, logs, -1), [0]), total);
  };
}

/** 2⁻¹²⁶, the smallest fp32 number of full precision. */
const smallestNormal = 1.1754943508222875e-38;
