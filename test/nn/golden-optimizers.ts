import { readFileSync } from 'node:fs';

/** Made by bench/peers/optim_golden.py. */
interface Golden {
  readonly count: number;
  /** The learning rate of each step. */
  readonly rates: readonly number[];
  /** Optimizer → the weights after each step. */
  readonly optimizers: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Gradients of weights of these sizes → [largest norm, the gradients clipped to it]. */
  readonly clipping: {
    readonly parts: readonly number[];
    readonly clipped: readonly (readonly [number, readonly number[]])[];
  };
  /** Adam over batches of which so many make a step, clipped and averaged. */
  readonly accumulation: {
    readonly batches: number;
    readonly accumulated: number;
    readonly clip: number;
    readonly decay: number;
    readonly rate: number;
    /** After each step. */
    readonly found: Readonly<Record<'weight' | 'average' | 'statistic', readonly (readonly number[])[]>>;
  };
  readonly schedules: {
    readonly epochs: number;
    readonly steps_per_epoch: number;
    readonly rate: number;
    /** One rate an epoch. */
    readonly cosine: readonly number[];
    /** 200 epochs with the T_max of 50. */
    readonly cosine_of_the_recipe: readonly number[];
    readonly polynomial: readonly number[];
    /** One rate a step. */
    readonly one_cycle: readonly number[];
  };
}

const path = new URL('../golden/nn/optimizers.json', import.meta.url);

export const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
