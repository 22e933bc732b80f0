import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gpuLines } from '../../../bench/train/gpu-report.ts';
import { readOptions } from '../../../bench/train/options.ts';
import { hasNvidiaGpu } from '../../../runtime/gpu.ts';

const timed = (milliseconds: number) => ({ seconds: [milliseconds / 1000], losses: [], cpu: 0, peak: 0 });

test('A GPU’s lines: images a second, the share of the measured peak, and the host’s part', () => {
  const rounds = [
    { ours: timed(200), torch: timed(250) },
    { ours: timed(160), torch: timed(240) },
    { ours: timed(190), torch: timed(320) },
  ];
  const small = { ours: timed(4.5), torch: timed(9) };
  expect(gpuLines({ batch: 32, precision: 'bf16' }, rounds, small, { step: 19e12, peak: 500e12 })).toEqual([
    'images a second, median of the rounds: ers 168, torch 128',
    "share of the peak (a bf16 matrix product: 500.00 TFLOP/s; a step: 19.00 TFLOP by PyTorch's count): ers 20.0 %, torch 15.2 %",
    "host's part, ms of a step of 2×32²: ers 4.50, torch 9.00",
  ]);
});

test('--gpu means bf16 with 32 images of 512 px unless other values are given', () => {
  expect(readOptions(['--gpu'])).toMatchObject({ device: 'gpu', batch: 32, size: 512, precision: 'bf16' });
  expect(readOptions(['--gpu', '--batch', '8', '--precision', 'fp32'])).toMatchObject({
    batch: 8,
    size: 512,
    precision: 'fp32',
  });
  expect(readOptions([])).toMatchObject({ device: 'cpu', batch: 8, size: 256, precision: 'fp32' });
  expect(readOptions(['--gpu', '--forward'])).toBe('--gpu is of a training step: leave out --forward.');
});

test.skipIf(hasNvidiaGpu())(
  'Without an NVIDIA GPU --gpu measures nothing and says so (skipped where there is one)',
  () => {
    const bench = join(import.meta.dirname, '..', '..', '..', 'bench', 'train.mjs');
    const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '--gpu'], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: 'There is no NVIDIA GPU here, as nvidia-smi and the kernel say: nothing was measured.\n',
    });
  },
);
