import { describe, expect, test } from 'vitest';
import type { Processor } from '../../../runtime/machine.ts';
import { parseGpus } from '../../../runtime/nvidia-smi.ts';
import { precisionAdvice, type ComputingDevice } from '../../../stages/train/precision-advice.ts';

const old: Processor = { model: 'Old CPU @ 2.40GHz', features: ['avx', 'avx2', 'fma'] };
const on = (processor: Processor): ComputingDevice => ({ type: 'processor', processor });
/** A line of what the driver's program prints. */
const onGpu = (line: string): ComputingDevice => ({ type: 'gpu', gpu: parseGpus(line)[0] });
const h100 = onGpu('NVIDIA H100 80GB HBM3, 570.86.15, 9.0');
const t4 = onGpu('Tesla T4, 570.86.15, 7.5');

describe('What is said of the precision and the device, once a training:', () => {
  test.each([
    [
      'bf16',
      on(old),
      'warning',
      'The processor (Old CPU @ 2.40GHz) has no bf16 instructions: they are imitated, which is slower than fp32. Set train.precision to fp32, or train on a machine that has avx512_bf16 or amx_bf16.',
    ],
    [
      'bf16',
      t4,
      'warning',
      'The GPU (Tesla T4) has no bf16: TensorFlow copies to fp32 and back around each convolution. Set train.precision to fp32, or train on a GPU of compute capability 8.0 or later.',
    ],
    [
      'fp32',
      h100,
      'info',
      'The GPU (NVIDIA H100 80GB HBM3) has tensor cores for bf16, which fp32 leaves idle. train.precision: bf16 uses them; weights, statistics, losses and all scores stay fp32.',
    ],
  ] as const)('%s', (precision, device, level, text) => {
    expect(precisionAdvice(precision, device)).toEqual({ type: 'note', level, text });
  });

  test.each([
    ['fp32 on a processor without bf16 instructions', 'fp32', on(old)],
    ['bf16 on one that has them', 'bf16', on({ ...old, features: [...old.features, 'avx512_bf16'] })],
    ['bf16 on an ARM processor that has them', 'bf16', on({ ...old, features: ['asimd', 'bf16'] })],
    ['bf16 where the system names no features', 'bf16', on({ ...old, features: [] })],
    ['bf16 on a GPU that has it', 'bf16', h100],
    ['fp32 on a GPU without bf16', 'fp32', t4],
    ['bf16 on a GPU of which nobody says what it can', 'bf16', onGpu('Old, 390.1, [N/A]')],
    ['fp32 where several kinds of GPUs may compute', 'fp32', { type: 'gpu', gpu: undefined }],
  ] as const)('nothing of %s', (_, precision, device) => {
    expect(precisionAdvice(precision, device)).toBeUndefined();
  });
});
