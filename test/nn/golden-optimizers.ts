import { readFileSync } from 'node:fs';

/** Made by bench/peers/optim_golden.py. */
interface Golden {
  readonly count: number;
  /** The learning rate of each step. */
  readonly rates: readonly number[];
  /** Optimizer → the weights after each step. */
  readonly optimizers: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly schedules: {
    readonly epochs: number;
    readonly steps_per_epoch: number;
    readonly rate: number;
    /** One rate an epoch. */
    readonly cosine: readonly number[];
    readonly polynomial: readonly number[];
    /** One rate a step. */
    readonly one_cycle: readonly number[];
  };
}

const path = new URL('../golden/nn/optimizers.json', import.meta.url);

export const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
