import { parseArgs } from 'node:util';
import { encoderNames, type EncoderName } from '../../nn/encoders/encoder.ts';

export interface ParityOptions {
  readonly encoder: EncoderName;
  readonly channels: number;
  /** Five numbers, from the deepest block up. */
  readonly decoder: readonly number[];
  readonly classes: number;
  /** Side of the square images in pixels; of no meaning where `images` is given. */
  readonly size: number;
  readonly batch: number;
  readonly seed: number;
  /** Label of pixels that do not count. */
  readonly ignore: number;
  /** Files of the user's own; null: random ones from the seed. */
  readonly weights: string | null;
  readonly images: string | null;
  readonly masks: string | null;
}

export const usage = `Compares ers with PyTorch and segmentation_models_pytorch, number by number, from the same weights and batch:
logits, loss, gradients of all parameters, batch-norm statistics, one step of Adam, AdamW and SGD, 20 steps of SGD and Adam.
  npm run bench:parity -- [--encoder resnet34] [--channels 3] [--decoder 256,128,64,32,16] [--classes 7]
      [--size 96] [--batch 3] [--seed 1] [--ignore 255]
      [--weights FILE.safetensors] [--images FILE.npy] [--masks FILE.npy]
--weights  weights of the whole network with smp's names, or of its encoder with smp's or torchvision's; fp32; without it: random ones
--images   uint8 of shape N×H×W×channels; --masks: uint8 of shape N×H×W, classes 0…C−1 and the ignored label
PYTHON=… names the Python that has torch (bench/peers/README.md says how to make it); without it: python3.
Exit code 1: something is off, and which tensor. 2: PyTorch is not there, or an option or a file is wrong.
`;

/** Why a batch that has no other pixels is refused, by PyTorch as by the stage `train`. */
export const oneValue =
  'One image of 32×32 pixels gives the deepest batch norms one value a channel, which has no variance.';

const text = { type: 'string' } as const;
const known = {
  encoder: text,
  channels: text,
  decoder: text,
  classes: text,
  size: text,
  batch: text,
  seed: text,
  ignore: text,
  weights: text,
  images: text,
  masks: text,
};

/** The options of the command line, or the sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): ParityOptions | string {
  let values: Readonly<Partial<Record<keyof typeof known, string>>>;
  try {
    values = parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const encoder = encoderNames.find((name) => name === (values.encoder ?? 'resnet34'));
  if (encoder === undefined) return `--encoder must be one of ${encoderNames.join(', ')}.`;
  const decoder = (values.decoder ?? '256,128,64,32,16').split(',').map(Number);
  if (decoder.length !== 5 || decoder.some((count) => !Number.isSafeInteger(count) || count < 1)) {
    return '--decoder must be five whole numbers from 1, such as 256,128,64,32,16.';
  }
  const counts = {
    channels: Number(values.channels ?? 3),
    classes: Number(values.classes ?? 7),
    size: Number(values.size ?? 96),
    batch: Number(values.batch ?? 3),
  };
  if (counts.classes === 1) {
    return '--classes must be from 2: the cross-entropy of one class is 0 whatever the network says, and ers trains none.';
  }
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) return `--${name} must be a whole number from 1.`;
  }
  if (counts.size % 32 !== 0) return '--size must be a multiple of 32.';
  if (counts.size === 32 && counts.batch === 1) return oneValue;
  const [seed, ignore] = [Number(values.seed ?? 1), Number(values.ignore ?? 255)];
  if (!Number.isSafeInteger(seed) || seed < 0) return '--seed must be a whole number from 0.';
  if (!Number.isSafeInteger(ignore) || ignore < counts.classes || ignore > 255) {
    return `--ignore must be a whole number from ${counts.classes} (the number of classes) to 255.`;
  }
  const { weights = null, images = null, masks = null } = values;
  if ((images === null) !== (masks === null)) return '--images and --masks go together.';
  return { encoder, decoder, ...counts, seed, ignore, weights, images, masks };
}
