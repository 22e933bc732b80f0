import type { Normalisation } from '../../nn/normalisation.ts';

/** Files in the bench's folder: what both sides begin with, and what PyTorch found. */
export const files = {
  weights: 'first.safetensors',
  images: 'images.npy',
  masks: 'masks.npy',
  tensors: 'found.safetensors',
  numbers: 'found.json',
} as const;

/** The training of both sides. */
export const recipe = {
  ce: 0.7,
  dice: 0.3,
  steps: 20,
  adam: { rate: 1e-3 },
  adamw: { rate: 1e-3, decay: 1e-2 },
  sgd: { rate: 1e-2, momentum: 0.9 },
} as const;

/** What bench/peers/parity.py is told, beside `files` and `recipe`. */
export interface Job {
  readonly dir: string;
  readonly encoder: string;
  readonly channels: number;
  readonly decoder: readonly number[];
  readonly classes: number;
  readonly ignore: number;
  readonly normalisation: Normalisation;
}

/**
 * What a side found. Names of tensors: `logits/eval`, `logits/train` (N×H×W×C); `gradient/KEY` for each parameter;
 * after one step `adam/KEY`, `adamw/KEY`, `sgd/KEY` for each parameter and `statistics/KEY`; KEY is smp's.
 * Values are in PyTorch's order.
 */
export interface Found {
  readonly tensors: ReadonlyMap<string, Float32Array>;
  readonly numbers: Numbers;
}

export interface Numbers {
  /** Loss with the running statistics, before any step. */
  readonly evalLoss: number;
  /** Losses of the steps, each before its update. */
  readonly adam: readonly number[];
  readonly sgd: readonly number[];
}

/** `found.json`: double precision is the truth; single precision shows how far rounding alone leads PyTorch itself. */
export interface PeerNumbers {
  readonly what: string;
  readonly double: Numbers;
  readonly single: Numbers;
  /** Tensor → ‖single − double‖/‖double‖. */
  readonly apart: Readonly<Record<string, number>>;
}
