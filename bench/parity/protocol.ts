import type { Normalisation } from '../../nn/normalisation.ts';

/** Files in the bench's folder: what both sides begin with, what ers found and decided, and what PyTorch found. */
export const files = {
  weights: 'first.safetensors',
  images: 'images.npy',
  masks: 'masks.npy',
  /**
   * `adam/KEY`, `adamw/KEY`, `sgd/KEY`: the gradients from which ers took its first step. TensorFlow optimizes each optimizer's
   * graph anew, so that their last bits may differ.
   */
  gradients: 'gradients.safetensors',
  /**
   * uint8 N×H×W×C for each ReLU, in the order of the computation: 1 where its input is positive. N stands for its number, S for
   * the step of SGD at the recipe's first rate, from 0.
   */
  relu: 'relu-S-N.npy',
  /** fp32 N×H×W×C: what the max-pool saw. */
  pooled: 'pooled-S.npy',
  tensors: 'found.safetensors',
  numbers: 'found.json',
} as const;

/** Those whose one step is compared. */
export const optimizerNames = ['adam', 'adamw', 'sgd'] as const;

/** The training of both sides. */
export const recipe = {
  ce: 0.7,
  dice: 0.3,
  steps: 20,
  adam: { rate: 1e-3 },
  adamw: { rate: 1e-3, decay: 1e-2 },
  /** The one step is taken at the first rate, the curves at each. */
  sgd: { rates: [1e-2, 1e-3], momentum: 0.9 },
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
  /** How many files `relu` there are. */
  readonly relus: number;
}

/**
 * What a side found. Names of tensors: `logits/eval`, `logits/train` (N×H×W×C); `gradient/KEY` for each parameter, with the
 * decisions of ers, and `undecided/KEY` with the side's own; `statistics/KEY` after a step; `adam/KEY`, `adamw/KEY`, `sgd/KEY`
 * for each parameter after one step from the gradients of ers. KEY is smp's. Values are in PyTorch's order.
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
  /** For each of the recipe's rates. */
  readonly sgd: readonly (readonly number[])[];
  /** Those of SGD at the first rate, with the decisions of ers in each step. */
  readonly decidedSgd: readonly number[];
}

/** `found.json`: double precision is the truth; single precision shows how far rounding alone leads PyTorch itself. */
export interface PeerNumbers {
  readonly what: string;
  readonly double: Numbers;
  /** In each of PyTorch's layouts. */
  readonly single: readonly Numbers[];
  /**
   * Tensor → ‖single − double‖/‖double‖, for those that single precision has: the largest of both layouts; of a gradient with
   * the decisions of ers also of one thread and of several.
   */
  readonly apart: Readonly<Record<string, number>>;
  readonly decisions: Decisions;
}

/** Of the inputs of all ReLUs, how many ers decides otherwise than double precision. */
export interface Decisions {
  readonly inputs: number;
  readonly otherwise: number;
  /** The largest of these, as a share of its layer's root mean square. */
  readonly farthest: number;
}
