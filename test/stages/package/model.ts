import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { floats, writeSafetensors } from '../../../formats/safetensors.ts';
import { Graph } from '../../../nn/graph/graph.ts';
import { initialState } from '../../../nn/initial-state.ts';
import { normalisation } from '../../../nn/normalisation.ts';
import { buildNetwork, type ModelOptions } from '../../../nn/trainer/model.ts';
import { weightsFile, writeModelJson } from '../../../nn/weights/model-folder.ts';
import { toStateDict } from '../../../nn/weights/smp.ts';

/** Class value 9 is ignored; 40 and 200 are trained, the larger one as 0, to tell values from indices and order. */
const classes = [
  { value: 9, train: null },
  { value: 40, train: 1 },
  { value: 200, train: 0 },
];

/**
 * A model's folder as training leaves it, of small random weights with statistics that are not the first ones.
 * Await `prepareRandom()` first.
 */
export async function writeModel(dir: string, change: Partial<ModelOptions> = {}): Promise<ModelOptions> {
  const options: ModelOptions = {
    encoder: 'resnet18',
    decoderChannels: [16, 8, 8, 8, 8],
    channels: 3,
    classes: 2,
    ignore: 255,
    height: 32,
    width: 64,
    normalisation: normalisation('imagenet', change.channels ?? 3),
    ...change,
  };
  mkdirSync(dir, { recursive: true });
  const { parameters } = buildNetwork(new Graph(), options);
  const state = new Map(
    [...initialState(parameters, 5)].map(([name, values]) => [
      name,
      name.endsWith('running_mean') ? values.map((_, at) => Math.fround(Math.sin(at) / 8)) : values,
    ]),
  );
  const tensors = toStateDict(parameters, state, 3);
  tensors.set('segmentation_head.0.bias', floats([2], Float32Array.of(0.01, -0.01)));
  await writeSafetensors(join(dir, weightsFile), { tensors, metadata: { format: 'pt' } });
  await writeModelJson(dir, {
    version: 1,
    architecture: {
      name: 'unet',
      encoder_name: options.encoder,
      encoder_depth: 5,
      decoder_channels: [...options.decoderChannels],
      in_channels: options.channels,
      classes: options.classes,
    },
    classes,
    ignore: options.ignore,
    height: options.height,
    width: options.width,
    normalisation: {
      scale: options.normalisation.scale,
      mean: [...options.normalisation.mean],
      std: [...options.normalisation.std],
    },
    best: { epoch: 2, val_iou: 0.5 },
    parameters: 1,
  });
  return options;
}
