import { gradients } from '../graph/gradients.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { scale } from '../graph/ops/arithmetic.ts';
import { concat, reshape } from '../graph/ops/shape.ts';
import { fetch, placeholder } from '../graph/variable.ts';
import { Pass } from '../layers/pass.ts';
import { honestLoss } from '../losses/honest.ts';
import { target, type Loss } from '../losses/target.ts';
import { normalise } from '../normalisation.ts';
import { computeType, type Precision } from '../precision.ts';
import type { Network } from '../unet.ts';
import type { ModelOptions } from './model.ts';
import { update, type Rules } from './update.ts';

/**
 * One training step for batches of one size: feed images and masks, fetch the loss, and the weights have moved. Where
 * gradients are accumulated it only adds to their sums.
 */
export interface TrainProgram {
  readonly images: Tensor;
  readonly masks: Tensor;
  readonly loss: Tensor;
  /** Before the update; for tests, as are the gradients. */
  readonly logits: Tensor;
  /** Gradient of each trainable parameter, in the order of the network's; of its share of the loss, if accumulated. */
  readonly gradients: readonly Tensor[];
}

export interface TrainProgramOptions extends Rules {
  readonly loss: Loss;
  readonly precision: Precision;
}

export function trainProgram(
  graph: Graph,
  model: ModelOptions,
  network: Network,
  { loss, precision, ...rules }: TrainProgramOptions,
  batch: number,
): TrainProgram {
  const { height, width, channels, classes, ignore } = model;
  const images = placeholder(graph, `train.${batch}/images`, 'uint8', [batch, height, width, channels]);
  const masks = placeholder(graph, `train.${batch}/masks`, 'uint8', [batch, height, width]);
  const pass = new Pass(graph, true, { compute: computeType(precision) });
  const logits = network.logits(normalise(graph, images, model.normalisation), pass);
  const rows = reshape(graph, logits, [batch * height * width, classes]);
  const value = loss(graph, rows, target(graph, masks, classes, ignore));

  // What is not finite anywhere in the network reaches the next batch norm's statistics, or the loss itself.
  const told = honestLoss(graph, value, [concat(graph, pass.statistics, 0)]);
  const trained = network.parameters.filter((parameter) => parameter.trainable);
  const reads = trained.map((parameter) => pass.read(parameter.variable));
  const { accumulation } = rules;
  const share = accumulation === undefined ? value : scale(graph, value, 1 / accumulation.batches);
  const slopes = gradients(graph, share, reads);
  const weights = trained.map(({ variable }) => variable);
  if (accumulation !== undefined) {
    const summed = weights.flatMap((weight, index) => {
      const slope = slopes[index];
      return slope === undefined ? [] : [accumulation.sums.add(weight, slope)];
    });
    const done = fetch(graph, `train.${batch}/loss`, told, [...summed, ...pass.updates.values()]);
    return { images, masks, loss: done, logits, gradients: slopes };
  }
  // An update in place must wait for the last reader of the old value; otherwise TensorFlow copies the weights first.
  const needed = graph.ancestors([value, ...slopes]);
  const moved = update(graph, network.parameters, rules, {
    weights,
    gradients: slopes,
    readers: (weight) => graph.consumers(pass.read(weight).node).filter((node) => needed.has(node)),
    updated: (statistic) => pass.updates.get(statistic),
  });
  const done = fetch(graph, `train.${batch}/loss`, told, [...moved, ...pass.updates.values()]);
  return { images, masks, loss: done, logits, gradients: slopes };
}
