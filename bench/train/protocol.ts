import type { Precision } from '../../nn/precision.ts';
import type { Device } from '../../runtime/variant.ts';

/**
 * A side is a process that is kept alive. It is told what to do by a line on stdin and answers with one line of JSON:
 * `steps N` → `Timed`, `moved` → `Moved`, `classes` → `Predicted`, `arithmetic` →
 * `Arithmetic` (of PyTorch's side only), `stop` ends it. Its first line is a `Ready`.
 */

/** What is timed: a training step, or the classes of a batch with running statistics, as for prediction. */
export type Work = 'train' | 'forward';

/** What both sides are given: file names in the bench's folder, and the numbers of the options. */
export interface Job {
  readonly dir: string;
  readonly batch: number;
  readonly size: number;
  readonly encoder: string;
  readonly classes: number;
  /** bf16: mixed precision on both sides. */
  readonly precision: Precision;
  readonly threads: number;
  readonly work: Work;
  readonly device: Device;
}

/** Files in `Job.dir`: N×H×W×3 and N×H×W uint8; first weights with smp's names. */
export const files = { images: 'images.npy', masks: 'masks.npy', weights: 'first.safetensors' } as const;

/** The recipe's numbers, the same on both sides. */
export const recipe = { ce: 0.7, dice: 0.3, rate: 0.001, classes: 7, ignore: 255 } as const;

export interface Ready {
  /** Libraries with their versions, to print. */
  readonly what: string;
  readonly threads: number;
  /** What it really computes on. */
  readonly device: Device;
}

export interface Timed {
  /** Wall time of each step. */
  readonly seconds: readonly number[];
  /** Loss of each step before its update; none where nothing is trained. */
  readonly losses: readonly number[];
  /** User and system time of all steps together. */
  readonly cpu: number;
  /** Highest resident memory of the process so far, in bytes. */
  readonly peak: number;
}

export interface Moved {
  /** Largest difference of a weight from its first value, over all trained parameters. */
  readonly largest: number;
  /** Trained parameters (tensors) that are bit-equal to their first value. */
  readonly unchanged: number;
  readonly parameters: number;
}

export interface Predicted {
  /** The batch's pixels as bytes 0…C−1, in base64. */
  readonly classes: string;
}

export interface Arithmetic {
  /** Floating-point operations of a training step, as PyTorch counts them: those of convolutions and matrix products. */
  readonly step: number;
  /** Operations a second of a large matrix product in the step's precision. */
  readonly peak: number;
}
