import type { DType } from './graph/dtype.ts';

/**
 * How a training step computes. bf16 is mixed precision: activations and convolutions (with copies of their filters) in
 * bf16; weights, batch norms' statistics, folding of filters, softmax, losses and the optimizer stay fp32.
 */
export const precisions = ['fp32', 'bf16'] as const;

export type Precision = (typeof precisions)[number];

/** The type of activations. */
export type ComputeType = Extract<DType, 'float32' | 'bfloat16'>;

export function computeType(precision: Precision): ComputeType {
  return precision === 'bf16' ? 'bfloat16' : 'float32';
}
