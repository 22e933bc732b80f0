import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/recipe/options.ts';
import { commonIou, secondsTo, type Outcome, type Pair } from '../../../bench/recipe/outcome.ts';
import { earlierPairs, keepPair } from '../../../bench/recipe/results.ts';
import { pairLines, summary } from '../../../bench/recipe/report.ts';

const outcome = (valIous: readonly number[], secondsEach: number, testIou: number): Outcome => ({
  epochs: valIous.map((valIou, at) => ({ epoch: at + 1, valIou, seconds: (at + 1) * secondsEach })),
  seconds: valIous.length * secondsEach + 1,
  testIou,
});
const pairs: readonly Pair[] = [
  {
    seed: 1,
    ours: outcome([0.3, 0.6, 0.5], 10, 0.52),
    torch: outcome([0.2, 0.4, 0.55], 12, 0.5),
    oursInTorch: 0.52,
  },
  {
    seed: 2,
    ours: outcome([0.4, 0.5, 0.5], 10, 0.54),
    torch: outcome([0.5, 0.4, 0.7], 16, 0.56),
    oursInTorch: 0.54,
  },
];

test('The common val IoU is the lower of both bests, and the first epoch that has it ends the clock', () => {
  const [first, second] = pairs as readonly [Pair, Pair];
  expect([commonIou(first), commonIou(second)]).toEqual([0.55, 0.5]);
  expect([secondsTo(first.ours, 0.55), secondsTo(first.torch, 0.55)]).toEqual([20, 36]);
  expect([secondsTo(second.ours, 0.5), secondsTo(second.torch, 0.5)]).toEqual([20, 16]);
});

test('A seed is a line a side, and the weights of ers as PyTorch tests them', () => {
  expect(pairs.flatMap((pair) => pairLines(pair)).slice(0, 3)).toEqual([
    '   1    ers            0.6000 (2)    0.5200        31.0     ≥ 0.5500   20.0',
    '   1  torch            0.5500 (3)    0.5000        37.0     ≥ 0.5500   36.0',
    '     the weights of ers, tested by PyTorch: 0.5200',
  ]);
});

test('The summary has means with ranges, the difference beside its standard error, and medians of ratios', () => {
  expect(summary(pairs)).toEqual([
    'best val IoU, mean (range) of 2 seeds: ers 0.5500 (0.5000–0.6000), torch 0.6250 (0.5500–0.7000)',
    'test IoU, mean (range) of 2 seeds: ers 0.5300 (0.5200–0.5400), torch 0.5300 (0.5000–0.5600)',
    'test IoU, ers − torch: +0.0000; within twice its standard error over the seeds (0.0316)',
    'time of training, torch/ers, median (range): 1.39 (1.19–1.58)',
    'time to the same val IoU, torch/ers, median (range): 1.30 (0.80–1.80)',
  ]);
});

test('A difference that the seeds do not explain is told as such, and one seed explains nothing', () => {
  const far = pairs.map((pair) => ({ ...pair, torch: { ...pair.torch, testIou: 0.9 } }));
  expect(summary(far)[2]).toBe(
    'test IoU, ers − torch: −0.3700; more than twice its standard error over the seeds (0.0100)',
  );
  expect(summary(far.slice(0, 1))[2]).toBe(
    'test IoU, ers − torch: −0.3800; one seed says nothing about noise',
  );
});

test('Calls with a seed each come together in a file of results, experiment by experiment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ers-bench-recipe-'));
  const file = join(folder, 'results.jsonl');
  expect(earlierPairs(file, 'demo')).toEqual([]);
  for (const pair of pairs) keepPair(file, 'demo', pair);
  expect(earlierPairs(file, 'demo')).toEqual(pairs);
  expect(earlierPairs(file, 'monterey')).toEqual([]);
  rmSync(folder, { recursive: true });
});

test('Options that cannot be trained with are refused with what was expected', () => {
  expect(readOptions(['--threads', '2'])).toEqual({
    experiments: ['demo', 'monterey'],
    seeds: [1, 2, 3],
    epochs: null,
    precision: 'fp32',
    threads: 2,
    tiles: '../shared/data/monterey',
    results: null,
  });
  expect(readOptions(['--quick', '--data', 'demo'])).toMatchObject({
    experiments: ['demo'],
    seeds: [1],
    epochs: 2,
  });
  expect(readOptions(['--data', 'demo,mars'])).toBe('--data must be some of demo,monterey.');
  expect(readOptions(['--seeds', '1,x'])).toBe('--seeds must be whole numbers from 0, separated by commas.');
  expect(readOptions(['--seeds', '1,1'])).toBe('--seeds must differ.');
  expect(readOptions(['--epochs', '0'])).toBe('--epochs must be a whole number from 1.');
  expect(readOptions(['--precision', 'fp16'])).toBe('--precision must be one of fp32, bf16.');
  expect(readOptions(['--gpu'])).toMatch(/--gpu/);
});
