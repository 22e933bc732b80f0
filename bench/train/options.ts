import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { encoderNames, type EncoderName } from '../../nn/encoders/encoder.ts';
import { precisions, type Precision } from '../../nn/precision.ts';
import type { Device } from '../../runtime/variant.ts';
import type { Work } from './protocol.ts';

export interface BenchOptions {
  readonly batch: number;
  /** Side of the square images in pixels, a multiple of 32. */
  readonly size: number;
  readonly encoder: EncoderName;
  readonly precision: Precision;
  readonly work: Work;
  readonly device: Device;
  readonly threads: number;
  readonly rounds: number;
  /** Steps of each side in a round. */
  readonly steps: number;
}

export const usage = `Times a training step of ers beside PyTorch and segmentation_models_pytorch.
  npm run bench:train -- [--forward] [--gpu] [--batch 8] [--size 256] [--encoder resnet34] [--precision fp32|bf16] [--threads N] [--rounds 5] [--steps 5]
--forward: predicting the classes of a batch instead of a training step (fp32).
--gpu: a training step on an NVIDIA GPU, without other values bf16 with 32 images of 512 px; also images a second, the share of the
  device's measured peak, and the host's part. PyTorch must be a build for CUDA.
PYTHON=… names the Python that has torch (bench/peers/README.md says how to make it); without it: python3.
Exit code 1: a side did not learn, or the predictions differ. 2: PyTorch or the GPU is not there, or an option is wrong.
`;

const cpuUsual = { batch: 8, size: 256, precision: 'fp32' } as const;
const gpuUsual = { batch: 32, size: 512, precision: 'bf16' } as const;

/** The options of the command line, or the sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  let values: Readonly<Partial<Record<string, string | boolean>>>;
  try {
    const text = { type: 'string' } as const;
    const known = {
      forward: { type: 'boolean' } as const,
      gpu: { type: 'boolean' } as const,
      batch: text,
      size: text,
      encoder: text,
      precision: text,
      threads: text,
      rounds: text,
      steps: text,
    };
    values = parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const encoder = encoderNames.find((name) => name === (values['encoder'] ?? 'resnet34'));
  if (encoder === undefined) return `--encoder must be one of ${encoderNames.join(', ')}.`;
  const device = values['gpu'] === true ? 'gpu' : 'cpu';
  const usual = device === 'gpu' ? gpuUsual : cpuUsual;
  const precision = precisions.find((name) => name === (values['precision'] ?? usual.precision));
  if (precision === undefined) return `--precision must be one of ${precisions.join(', ')}.`;
  const work = values['forward'] === true ? 'forward' : 'train';
  if (work === 'forward' && device === 'gpu') return '--gpu is of a training step: leave out --forward.';
  if (work === 'forward' && precision !== 'fp32') return '--forward is in fp32, as predictions are.';
  const found = {
    batch: numberOf(values['batch'], usual.batch),
    size: numberOf(values['size'], usual.size),
    threads: numberOf(values['threads'], availableParallelism()),
    rounds: numberOf(values['rounds'], 5),
    steps: numberOf(values['steps'], 5),
  };
  for (const [name, value] of Object.entries(found)) {
    if (!Number.isSafeInteger(value) || value < 1) return `--${name} must be a whole number from 1.`;
  }
  if (found.size % 32 !== 0) return '--size must be a multiple of 32.';
  if (found.rounds < 5) return '--rounds must be at least 5: a median of fewer says little.';
  return { ...found, encoder, precision, work, device };
}

function numberOf(text: string | boolean | undefined, otherwise: number): number {
  return text === undefined ? otherwise : Number(text);
}
