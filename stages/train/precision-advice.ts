import type { StageEvent } from '../../engine/stage.ts';
import type { Precision } from '../../nn/precision.ts';
import { hasBf16, type Processor } from '../../runtime/machine.ts';
import { tensorCores, type Gpu } from '../../runtime/nvidia-smi.ts';

/** What computes the steps; a GPU that nobody can tell is undefined. */
export type ComputingDevice =
  | { readonly type: 'processor'; readonly processor: Processor }
  | { readonly type: 'gpu'; readonly gpu: Gpu | undefined };

/** What to say once a training where another precision suits the device better; undefined where none does, or nobody knows. */
export function precisionAdvice(precision: Precision, device: ComputingDevice): StageEvent | undefined {
  return device.type === 'gpu' ? onGpu(precision, device.gpu) : onProcessor(precision, device.processor);
}

function onProcessor(precision: Precision, { model, features }: Processor): StageEvent | undefined {
  if (precision !== 'bf16' || hasBf16(features) !== false) return undefined;
  const text = `The processor (${model}) has no bf16 instructions: they are imitated, which is slower than fp32. Set train.precision to fp32, or train on a machine that has avx512_bf16 or amx_bf16.`;
  return { type: 'note', level: 'warning', text };
}

/** Where a GPU has no bf16, TensorFlow makes fp32 copies of what a convolution reads and rounds what it writes. */
function onGpu(precision: Precision, gpu: Gpu | undefined): StageEvent | undefined {
  const cores = gpu === undefined ? null : tensorCores(gpu);
  if (gpu === undefined || cores === null) return undefined;
  if (precision === 'bf16' && cores !== 'bf16') {
    const text = `The GPU (${gpu.name}) has no bf16: TensorFlow copies to fp32 and back around each convolution. Set train.precision to fp32, or train on a GPU of compute capability 8.0 or later.`;
    return { type: 'note', level: 'warning', text };
  }
  if (precision === 'fp32' && cores === 'bf16') {
    const text = `The GPU (${gpu.name}) has tensor cores for bf16, which fp32 leaves idle. train.precision: bf16 uses them; weights, statistics, losses and all scores stay fp32.`;
    return { type: 'note', level: 'info', text };
  }
  return undefined;
}
