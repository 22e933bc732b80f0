import { dimension } from '../graph/graph.ts';
import { atLeast, divide, multiply, scale, subtract } from '../graph/ops/arithmetic.ts';
import { constant } from '../graph/ops/constant.ts';
import { exponential, softplus } from '../graph/ops/elementwise.ts';
import { reshape, sum } from '../graph/ops/shape.ts';
import { classMean } from './class-mean.ts';
import type { Loss, LossOptions } from './target.ts';

/**
 * smp's `FocalLoss('multiclass')` (Lin et al. 2017): each class against all others with a sigmoid,
 * l = −(1 − p_t)^γ · log p_t with p_t = σ(z) at the class's pixels and 1 − σ(z) elsewhere; the mean over the pixels that
 * are not ignored, then over the classes.
 * With u = z at the class's pixels and −z elsewhere, −log p_t = softplus(−u) and 1 − p_t = exp(−softplus(u)).
 */
export function focal({ focalGamma, classWeights }: LossOptions): Loss {
  return (graph, logits, { oneHot, counts }) => {
    const sign = subtract(graph, scale(graph, oneHot, 2), constant(graph, [1]));
    const u = multiply(graph, sign, logits);
    const dampening = exponential(graph, scale(graph, softplus(graph, u), -focalGamma));
    const each = multiply(graph, dampening, softplus(graph, scale(graph, u, -1)));
    const counted = multiply(graph, each, reshape(graph, counts, [dimension(logits, 0), 1]));
    const pixels = atLeast(graph, sum(graph, counts, [0]), 1);
    return classMean(graph, divide(graph, sum(graph, counted, [0]), pixels), classWeights);
  };
}
