import type { Precision } from '../../nn/precision.ts';
import { hasBf16, type Processor } from '../../runtime/machine.ts';

/** What to say where training would be slower in the chosen precision than in fp32. A GPU computes bf16 itself. */
export function slowPrecision(
  precision: Precision,
  { model, features }: Processor,
  usesGpu: boolean,
): string | undefined {
  if (precision !== 'bf16' || usesGpu || hasBf16(features) !== false) return undefined;
  return `The processor (${model}) has no bf16 instructions: they are imitated, which is slower than fp32. Set train.precision to fp32, or train on a machine that has avx512_bf16 or amx_bf16.`;
}
