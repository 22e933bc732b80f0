import { expect, test } from 'vitest';
import { compare } from '../../../bench/parity/compare.ts';
import type { Found, Numbers, PeerNumbers } from '../../../bench/parity/protocol.ts';

const numbers: Numbers = {
  evalLoss: 2,
  adam: [1, 0.9, 0.8],
  sgd: [
    [1, 0.9, 0.8],
    [1, 0.95, 0.91],
  ],
  decidedSgd: [1, 0.9, 0.8],
};
const names = [
  'logits/eval',
  'gradient/conv1.weight',
  'gradient/conv1.bias',
  'undecided/conv1.weight',
  'statistics/bn1.running_mean',
  'adam/conv1.weight',
  'adamw/conv1.weight',
  'sgd/conv1.weight',
];

function found(changes: Readonly<Record<string, Float32Array>> = {}, losses: Partial<Numbers> = {}): Found {
  const tensors = names.map((name) => [name, changes[name] ?? Float32Array.of(3, 4)] as const);
  return { tensors: new Map(tensors), numbers: { ...numbers, ...losses } };
}

function peer(changes: Partial<PeerNumbers> = {}): PeerNumbers {
  const apart = Object.fromEntries(names.map((name) => [name, 0]));
  const decisions = { inputs: 1000, otherwise: 2, farthest: 1e-5 };
  return { what: 'torch', double: numbers, single: [numbers], apart, decisions, ...changes };
}

function failures(ours: Found, from = peer()): string[] {
  return compare(ours, found(), from).flatMap(({ what, failures: each }) => each.map((e) => `${what}: ${e}`));
}

test('equal numbers pass, and every group compares something', () => {
  const rows = compare(found(), found(), peer());
  expect(rows.flatMap((row) => row.failures)).toEqual([]);
  expect(rows.map(({ count }) => count)).toEqual([1, 2, 1, 2, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3]);
});

test('a tensor that is off is named, with how far', () => {
  const off = { 'gradient/conv1.bias': Float32Array.of(3, 4.01) };
  expect(failures(found(off))).toEqual([
    'gradients: gradient/conv1.bias is off by 2.00e-3; the bar is 0.0001',
  ]);
});

test('gradients with decisions of their own are told and not judged', () => {
  const ours = found({ 'undecided/conv1.weight': Float32Array.of(3, 5) });
  const row = compare(ours, found(), peer()).find(({ what }) => what.includes('own decisions'));
  expect(row).toMatchObject({ error: 0.2, bar: null, failures: [] });
});

test('a ReLU whose input is far from 0 and yet decided otherwise is a fault', () => {
  const decisions = { inputs: 1000, otherwise: 2, farthest: 0.01 };
  expect(failures(found(), peer({ decisions }))).toEqual([
    'inputs of ReLUs decided otherwise: 2 of 1000 is off by 1.00e-2; the bar is 0.001',
  ]);
});

test('a curve that rounding alone bends in PyTorch may be bent twice as far, and no farther', () => {
  const bent = (losses: readonly number[]) => ({ sgd: [losses, [1, 0.95, 0.91]] });
  const single = [{ ...numbers, ...bent([1, 0.9, 0.805]) }, numbers];
  const excused = compare(found({}, bent([1, 0.909, 0.8])), found(), peer({ single }));
  expect(excused.flatMap((row) => row.failures)).toEqual([]);
  expect(excused.filter((row) => row.excused).map(({ what }) => what)).toEqual([
    'losses of 20 steps of SGD, rate 0.01',
  ]);
  expect(failures(found({}, bent([1, 0.92, 0.8])), peer({ single }))).toEqual([
    'losses of 20 steps of SGD, rate 0.01: step 2 is off by 2.22e-2; the bar is 1.25e-2, as far as rounding leads PyTorch',
  ]);
});

test('a gradient may be as far off as the worst of PyTorch with the same decisions, and no farther', () => {
  const apart = { ...peer().apart, 'gradient/conv1.bias': 3e-4 };
  const judged = (value: number) => {
    const rows = compare(
      found({ 'gradient/conv1.weight': Float32Array.of(3, value) }),
      found(),
      peer({ apart }),
    );
    const row = rows.find(({ what }) => what === 'gradients');
    return { excused: row?.excused, failures: row?.failures.length };
  };
  expect(judged(4.0004)).toEqual({ excused: false, failures: 0 });
  expect(judged(4.00125)).toEqual({ excused: true, failures: 0 });
  expect(judged(4.002)).toEqual({ excused: false, failures: 1 });
});

test('NaN, a missing tensor and one of another length are off', () => {
  expect(failures(found({ 'sgd/conv1.weight': Float32Array.of(3, NaN) }))).toHaveLength(1);
  expect(failures(found({ 'logits/eval': Float32Array.of(3) }))).toHaveLength(1);
  const without = found();
  const tensors = new Map([...without.tensors].filter(([name]) => name !== 'adam/conv1.weight'));
  expect(failures({ ...without, tensors })).toHaveLength(1);
});

test('a loss that is off, or not there, is named by its step', () => {
  expect(
    failures(
      found(
        {},
        {
          sgd: [
            [1, 0.9, 0.8],
            [1, 0.95, 0.92],
          ],
        },
      ),
    ),
  ).toEqual(['losses of 20 steps of SGD, rate 0.001: step 3 is off by 1.10e-2; the bar is 0.001']);
  expect(failures(found({}, { adam: [1, 0.9] }))).toHaveLength(2);
});
