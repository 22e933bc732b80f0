import { tmpdir } from 'node:os';
import { weightedLoss, type LossWeights } from '../../nn/losses/weighted.ts';
import { normalisation } from '../../nn/normalisation.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import type { Precision } from '../../nn/precision.ts';
import { Trainer, type Batch } from '../../nn/trainer/trainer.ts';
import type { TensorFlow } from '../../runtime/load.ts';
import { imageBytes, maskBytes } from './formula.ts';

const [n, classes] = [4, 3];

export interface SmallTrainer {
  readonly trainer: Trainer;
  /** Full, some of its pixels ignored. */
  readonly batch: Batch;
}

/** A small network of real shape with Adam, and a batch of images of `size` pixels for it. */
export function smallTrainer(
  tensorFlow: TensorFlow,
  {
    size,
    precision,
    losses = { ce: 0.7, dice: 0.3 },
  }: { readonly size: number; readonly precision: Precision; readonly losses?: LossWeights },
): SmallTrainer {
  const trainer = new Trainer({
    tensorFlow,
    model: {
      encoder: 'resnet18',
      decoderChannels: [32, 16, 16, 8, 8],
      channels: 3,
      classes,
      ignore: 255,
      height: size,
      width: size,
      normalisation: normalisation('imagenet', 3),
    },
    loss: weightedLoss(losses),
    optimizer: adam,
    precision,
    trainBatches: [n],
    evalBatches: [n],
    tmp: tmpdir(),
  });
  const masks = maskBytes(n * size * size, 255).map((label) => (label === 255 ? 255 : label % classes));
  return { trainer, batch: { n, images: imageBytes(n * size * size * 3), masks } };
}
