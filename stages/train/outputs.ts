import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors } from '../../formats/safetensors.ts';
import { weightsFile, writeModelJson, type ModelJson } from '../../nn/weights/model-folder.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { copyBest } from './checkpoint.ts';
import type { Best, Progress } from './progress.ts';
import type { Setup } from './setup.ts';

/** Writes the model's folder and the history. The trainer holds the last weights. */
export async function writeOuts(setup: Setup, progress: Progress): Promise<void> {
  const { context, trainer } = setup;
  const { best } = progress;
  const [dir, history] = [context.outs['model'], context.outs['history']];
  if (dir === undefined || history === undefined || best === null) {
    throw new Error('Internal error: nowhere to write to, or nothing to write');
  }
  await copyBest(context.checkpoint, best, join(dir, weightsFile));
  await writeSafetensors(join(dir, 'last.safetensors'), {
    tensors: toStateDict(trainer.parameters, trainer.weights(), progress.steps),
    metadata: { format: 'pt' },
  });
  await writeModelJson(dir, describe(setup, best));
  await writeFile(history, progress.history);
}

function describe({ params, train, model, trainer, classWeights }: Setup, best: Best): ModelJson {
  const trained = trainer.parameters.filter((parameter) => parameter.trainable);
  return {
    version: 1,
    architecture: {
      name: params.model.architecture,
      encoder_name: model.encoder,
      encoder_depth: 5,
      decoder_channels: [...model.decoderChannels],
      in_channels: model.channels,
      classes: model.classes,
    },
    classes: train.info.classes,
    ignore: model.ignore,
    height: model.height,
    width: model.width,
    normalisation: {
      scale: model.normalisation.scale,
      mean: [...model.normalisation.mean],
      std: [...model.normalisation.std],
    },
    ...(train.info.stacked_periods === undefined ? {} : { stacked_periods: train.info.stacked_periods }),
    best: { epoch: best.epoch, val_iou: best.valIou },
    ...(params.loss.class_weights === 'auto' && classWeights !== null
      ? { class_weights: [...classWeights] }
      : {}),
    parameters: trained.reduce(
      (total, { variable }) => total + variable.shape.reduce((product, length) => product * length, 1),
      0,
    ),
  };
}
