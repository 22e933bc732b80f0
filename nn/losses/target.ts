import { sizeOf, type Graph, type Tensor } from '../graph/graph.ts';
import { cast } from '../graph/ops/arithmetic.ts';
import { equal, oneHot, select } from '../graph/ops/classes.ts';
import { constant, integers } from '../graph/ops/constant.ts';
import { reshape } from '../graph/ops/shape.ts';

/** The masks of a batch, in the forms that losses need; N is the number of pixels of all images together. */
export interface Target {
  /** N×C; a row of zeros for an ignored pixel. */
  readonly oneHot: Tensor;
  /** N; 1 where the pixel counts, 0 where it is ignored. */
  readonly counts: Tensor;
}

/** `masks` is n×H×W uint8 of classes 0…C−1 and `ignore`. */
export function target(graph: Graph, masks: Tensor, classes: number, ignore: number): Target {
  const flat = reshape(graph, cast(graph, masks, 'int32'), [sizeOf(masks.shape)]);
  const ignored = equal(graph, flat, integers(graph, [ignore], []));
  return {
    oneHot: oneHot(graph, flat, classes),
    counts: select(graph, ignored, constant(graph, [0]), constant(graph, [1])),
  };
}

/** One number for a batch from its logits, N×C fp32. */
export type Loss = (graph: Graph, logits: Tensor, target: Target) => Tensor;

/** What the losses of a table may be told beside their weight. */
export interface LossOptions {
  /** A factor ≥ 0 for each of the C classes, or null for 1 each. */
  readonly classWeights: readonly number[] | null;
  /** Focal: how strongly pixels that are right already are dampened. */
  readonly focalGamma: number;
  /** Tversky: what a false positive costs. */
  readonly tverskyAlpha: number;
  /** Tversky: what a false negative costs. */
  readonly tverskyBeta: number;
}

/** The defaults of smp; Tversky is Dice with them. */
export const lossDefaults: LossOptions = {
  classWeights: null,
  focalGamma: 2,
  tverskyAlpha: 0.5,
  tverskyBeta: 0.5,
};
