import { expect, test } from 'vitest';
import { median } from '../../../base/median.ts';
import {
  agreement,
  complaints,
  cpuRatio,
  learning,
  roundLine,
  summary,
  wallRatio,
} from '../../../bench/train/report.ts';
import { readOptions } from '../../../bench/train/options.ts';
import type { Moved, Timed } from '../../../bench/train/protocol.ts';

const timed = (seconds: readonly number[], losses: readonly number[], cpu: number, peak = 2e9): Timed => ({
  seconds,
  losses,
  cpu,
  peak,
});
const moved: Moved = { largest: 0.02, unchanged: 0, parameters: 10 };
const warmUp = { ours: timed([9], [2], 9), torch: timed([9], [2.1], 9) };
const rounds = [
  { ours: timed([1, 9, 1], [1.9, 1.8, 1.7], 6), torch: timed([2, 2, 9], [2, 1.9, 1.8], 12) },
  { ours: timed([1, 1, 1], [1.6, 1.5, 1.4], 6, 3e9), torch: timed([1.5, 1.5, 1.5], [1.7, 1.6, 1.5], 9) },
];

test('a ratio is PyTorch’s time over ours, of medians, so that one slow step does not count', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(rounds.map(wallRatio)).toEqual([2, 1.5]);
  expect(rounds.map(cpuRatio)).toEqual([2, 1.5]);
  expect(rounds.map((round, at) => roundLine(round, at + 1))[1]).toBe(
    '    2     1000      1500       1.50         2000          3000       1.50',
  );
});

test('the summary has the median of the rounds’ ratios, the last peaks and the losses without gaps', () => {
  expect([...summary(warmUp, rounds), ...learning(warmUp, rounds, moved, moved)]).toEqual([
    'time a step, torch/ers, median of 2 rounds (range): 1.75 (1.50–2.00)',
    'CPU time a step, torch/ers, median (range): 1.75 (1.50–2.00)',
    'peak RSS: ers 3.00 GB, torch 2.00 GB, ers/torch 1.50',
    'losses of ers:   2.0000 1.9000 1.8000 … 1.4000 (step 7)',
    'losses of torch: 2.1000 2.0000 1.9000 … 1.5000 (step 7)',
    'largest change of a weight: ers 2.00e-2, torch 2.00e-2',
  ]);
});

test('a side whose weights stand still or whose loss does not fall makes the measurement void', () => {
  expect(complaints(warmUp, rounds, { ours: moved, torch: moved })).toEqual([]);
  const still = { ...moved, unchanged: 3 };
  const flat = { ...warmUp, torch: timed([9], [1.5], 9) };
  expect(complaints(flat, rounds, { ours: still, torch: moved })).toEqual([
    'ers: 3 of 10 trained parameters did not change.',
    'torch: the loss did not fall (1.5 → 1.5).',
  ]);
  const broken = { ...warmUp, ours: timed([9], [NaN], 9) };
  expect(complaints(broken, rounds, { ours: moved, torch: moved })).toEqual([
    'ers: the loss did not fall (NaN → 1.4).',
  ]);
});

test('predictions agree where the classes are the same; a missing pixel is no agreement', () => {
  expect(agreement(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 2, 3, 5))).toBe(0.75);
  expect(agreement(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(0);
});

test('options that cannot be measured with are refused with what was expected', () => {
  expect(readOptions(['--threads', '2'])).toMatchObject({ batch: 8, size: 256, rounds: 5, threads: 2 });
  expect(readOptions(['--size', '100'])).toBe('--size must be a multiple of 32.');
  expect(readOptions(['--batch', '0'])).toBe('--batch must be a whole number from 1.');
  expect(readOptions(['--rounds', '3'])).toBe('--rounds must be at least 5: a median of fewer says little.');
  expect(readOptions(['--encoder', 'vgg'])).toMatch(/^--encoder must be one of resnet18, resnet34/);
  expect(readOptions(['--forward'])).toMatchObject({ work: 'forward' });
  expect(readOptions(['--forward', '--precision', 'bf16'])).toMatch(/^--forward is in fp32/);
  expect(readOptions(['--bf16'])).toMatch(/--bf16/);
});
