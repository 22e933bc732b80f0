import { gradients } from '../graph/gradients.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { reshape } from '../graph/ops/shape.ts';
import { fetch, placeholder } from '../graph/variable.ts';
import { Pass } from '../layers/pass.ts';
import { target, type Loss } from '../losses/target.ts';
import { normalise } from '../normalisation.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Network } from '../unet.ts';
import type { ModelOptions } from './model.ts';

/** One training step for batches of one size: feed images and masks, fetch the loss, and the weights have moved. */
export interface TrainProgram {
  readonly images: Tensor;
  readonly masks: Tensor;
  readonly loss: Tensor;
  /** Before the update; for tests, as are the gradients. */
  readonly logits: Tensor;
  /** Gradient of each trainable parameter, in the order of the network's. */
  readonly gradients: readonly Tensor[];
}

export function trainProgram(
  graph: Graph,
  model: ModelOptions,
  network: Network,
  { loss, optimizer }: { readonly loss: Loss; readonly optimizer: Optimizer },
  batch: number,
): TrainProgram {
  const { height, width, channels, classes, ignore } = model;
  const images = placeholder(graph, `train.${batch}/images`, 'uint8', [batch, height, width, channels]);
  const masks = placeholder(graph, `train.${batch}/masks`, 'uint8', [batch, height, width]);
  const pass = new Pass(graph, true);
  const logits = network.logits(normalise(graph, images, model.normalisation), pass);
  const rows = reshape(graph, logits, [batch * height * width, classes]);
  const value = loss(graph, rows, target(graph, masks, classes, ignore));

  const trained = network.parameters.filter((parameter) => parameter.trainable);
  const reads = trained.map((parameter) => pass.read(parameter.variable));
  const slopes = gradients(graph, value, reads);
  // An update in place must wait for the last reader of the old value; otherwise TensorFlow copies the weights first.
  const needed = graph.ancestors([value, ...slopes]);
  const applied = trained.map((parameter, index) => {
    const [slope, read] = [slopes[index], reads[index]];
    if (slope === undefined || read === undefined)
      throw new Error('Internal error: one gradient a parameter');
    const readers = graph.consumers(read.node).filter((node) => needed.has(node));
    return optimizer.apply(parameter.variable, slope, readers);
  });
  const done = fetch(graph, `train.${batch}/loss`, value, [...applied, ...pass.updates]);
  return { images, masks, loss: done, logits, gradients: slopes };
}
