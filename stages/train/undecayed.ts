import type { Params } from './params.ts';

/** The warning about AdamW without the one thing in which it differs from Adam; undefined where nothing is to be told. */
export function sayUndecayed({ name, weight_decay: decay }: Params['optimizer']): string | undefined {
  if (name !== 'adamw' || decay > 0) return undefined;
  return "optimizer.name is adamw, and optimizer.weight_decay is 0: this is Adam. PyTorch's AdamW has 0.01 by default.";
}
