import { expect, it } from 'vitest';
import { asOptions, readSweep } from '../../../engine/experiments/sweep.ts';

function overridesOf(...options: readonly string[]) {
  const sweep = readSweep(options);
  if (!sweep.ok) throw new Error(JSON.stringify(sweep.faults));
  return sweep.value.map(({ overrides }) => overrides);
}

it('lists make their product, the last one varying fastest', () => {
  expect(overridesOf('lr=1e-3,3e-4', 'seed=1,2')).toEqual([
    { lr: 0.001, seed: 1 },
    { lr: 0.001, seed: 2 },
    { lr: 0.0003, seed: 1 },
    { lr: 0.0003, seed: 2 },
  ]);
});

it('a YAML list, a group and a quoted comma are one value each', () => {
  expect(overridesOf('decoder=[256,128]', 'loss={ce: 1, dice: 0}', 'text="a,b"', 'none=')).toEqual([
    { decoder: [256, 128], loss: { ce: 1, dice: 0 }, none: null, text: 'a,b' },
  ]);
});

it('combinations that come to the same overrides stand once', () => {
  expect(overridesOf('lr=1e-3,0.001')).toEqual([{ lr: 0.001 }]);
  expect(overridesOf('lr=1', 'lr=2,3')).toEqual([{ lr: 2 }, { lr: 3 }]);
});

it('of a group and what is in it the later option counts, and both in their order', () => {
  expect(overridesOf('loss.ce=2', 'loss={ce: 1}')).toEqual([{ loss: { ce: 1 } }]);
  const [made] = overridesOf('loss={ce: 1}', 'loss.ce=2');
  expect(Object.entries(made ?? {})).toEqual([
    ['loss', { ce: 1 }],
    ['loss.ce', 2],
  ]);
});

it('overrides as options mean the same overrides', () => {
  const [made = {}] = overridesOf('a.b=[1,2]', 'c="1"', 'd=null', 'e={f: "x,y"}', 'g=text');
  expect(overridesOf(...asOptions(made))).toEqual([made]);
});

it('options stay as they were typed, so that a fault shows them', () => {
  const sweep = readSweep(['lr=1e-3,3e-4', 'size= 4']);
  expect(sweep.ok && sweep.value.map(({ set }) => set)).toEqual([
    ['lr=1e-3', 'size= 4'],
    ['lr=3e-4', 'size= 4'],
  ]);
});

it('all faults of all options come together', () => {
  const sweep = readSweep(['lr=1,,2', 'lr', 'x="open', 'fine=1']);
  expect(sweep).toMatchObject({
    ok: false,
    faults: [
      { code: 'ERS_USAGE', message: 'A value of the list is empty.', place: { file: '-S lr=1,,2' } },
      { code: 'ERS_USAGE', message: 'Expected key=value.', place: { file: '-S lr' } },
      { code: 'ERS_USAGE', place: { file: '-S x="open' } },
    ],
  });
});

it('more than a thousand experiments are refused before any is made', () => {
  const ten = Array.from({ length: 10 }, (_, value) => value).join(',');
  expect(overridesOf(`a=${ten}`, `b=${ten}`, `c=${ten}`)).toHaveLength(1000);
  const sweep = readSweep([`a=${ten}`, `b=${ten}`, `c=${ten}`, 'd=1,2']);
  expect(sweep).toMatchObject({
    ok: false,
    faults: [{ message: 'The lists of -S make 2000 experiments: at most 1000 run at once.' }],
  });
  const many = readSweep(Array.from({ length: 40 }, (_, key) => `k${key}=${ten}`));
  expect(many.ok).toBe(false);
});
