import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSafetensors, type SafeTensor } from '../../formats/safetensors.ts';
import { weightsFile, writeModelJson, type ModelJson } from '../../nn/weights/model-folder.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { loadBest } from './checkpoint.ts';
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
  const metadata = { format: 'pt' };
  const last = toStateDict(trainer.parameters, trainer.weights(), progress.steps);
  const isLast = best.epoch === progress.epoch - 1;
  const tensors = isLast ? last : await bestWeights(setup, best);
  await writeSafetensors(join(dir, weightsFile), { tensors, metadata });
  await writeSafetensors(join(dir, 'last.safetensors'), { tensors: last, metadata });
  await writeModelJson(dir, describe(setup, best));
  await writeFile(history, progress.history);
}

async function bestWeights(
  { context, identity, trainer }: Setup,
  best: Best,
): Promise<ReadonlyMap<string, SafeTensor>> {
  const { state, progress } = await loadBest(context.checkpoint, identity, best);
  return toStateDict(trainer.parameters, trainer.weightsIn(state), progress.steps);
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
