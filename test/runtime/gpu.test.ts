import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tensorFlowEnv } from '../../runtime/env.ts';
import { loadedDriver } from '../../runtime/gpu.ts';
import { computingGpu, parseGpus, tensorCores } from '../../runtime/nvidia-smi.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ers-gpu-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test.each([
  [
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC version: 12\n',
    '535.183.01',
  ],
  [
    'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (builder)\n',
    '580.65.06',
  ],
])(
  'The driver is read from what the kernel says, and the GPUs in the order of their addresses: %s',
  (text, driver) => {
    write('version', text);
    write('gpus/0000:b1:00.0/information', 'Model: \t\t NVIDIA L4\nIRQ:   \t\t 31\n');
    write('gpus/0000:17:00.0/information', 'Model: \t\t NVIDIA H100 80GB HBM3\nGPU UUID: \t GPU-1\n');
    expect(loadedDriver(folder)).toEqual({ gpus: ['NVIDIA H100 80GB HBM3', 'NVIDIA L4'], driver });
  },
);

test('Without a driver there is neither', () => {
  expect(loadedDriver(join(folder, 'none'))).toEqual({ gpus: [], driver: null });
});

test('The driver’s program names each GPU and its generation, from which follows what its tensor cores do', () => {
  const gpus = parseGpus(
    'NVIDIA H100 80GB HBM3, 570.86.15, 9.0\nTesla T4, 570.86.15, 7.5\nOld, 390.1, [N/A]\n',
  );
  expect(gpus).toEqual([
    { name: 'NVIDIA H100 80GB HBM3', driver: '570.86.15', computeCapability: 9 },
    { name: 'Tesla T4', driver: '570.86.15', computeCapability: 7.5 },
    { name: 'Old', driver: '390.1', computeCapability: null },
  ]);
  expect(gpus.map(tensorCores)).toEqual(['bf16', 'none that ers uses', null]);
});

describe('The GPU that computes', () => {
  const [old, young] = [
    { name: 'Tesla T4', driver: '570', computeCapability: 7.5 },
    { name: 'NVIDIA L4', driver: '570', computeCapability: 8.9 },
  ];

  test.each([
    ['the one whose place the stage was given', [old, young], '1', young],
    ['the first of those that it was given', [old, young], '1,0', young],
    ['any of one kind, where a name is given', [young, young], 'GPU-8a3f', young],
    ['the only one, where nothing is said', [old], undefined, old],
    ['unknown among several kinds, where a name is given', [old, young], 'GPU-8a3f', undefined],
    ['unknown where the driver lists none', [], undefined, undefined],
  ])('is %s', (_, gpus, visible, expected) => {
    expect(computingGpu(gpus, visible)).toBe(expected);
  });
});

test('fp32 is fp32 on every GPU: NVIDIA’s libraries are told never to multiply in TF32', () => {
  expect(tensorFlowEnv(2)).toMatchObject({ NVIDIA_TF32_OVERRIDE: '0' });
});
