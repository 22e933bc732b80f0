import { expect, test } from 'vitest';
import type { Around } from '../../../engine/stage.ts';
import { check as checkParams } from '../../../stages/train/check.ts';
import type { Params } from '../../../stages/train/params.ts';
import { trainParams } from './params.ts';

const nothing = { ce: 0, dice: 0 };

interface World {
  /** Dotted keys that the config states, and those that an option or a matrix does. */
  readonly config?: readonly string[];
  readonly other?: readonly string[];
  /** `stage param` → value. */
  readonly above?: Readonly<Record<string, ReturnType<Around['above']>>>;
}

/** As the engine calls it, where nothing is stated but what is named. */
function check(params: Params, { config = [], other = [], above = {} }: World = {}) {
  return checkParams(params, {
    statedBy: (path) =>
      other.includes(path.join('.')) ? 'other' : config.includes(path.join('.')) ? 'config' : undefined,
    above: (stage, param) => above[`${stage} ${param}`],
  });
}

test('one loss with a weight is enough, none is a fault', () => {
  expect(check(trainParams())).toEqual([]);
  expect(check(trainParams({ loss: { ...nothing, lovasz: 0.1 } }))).toEqual([]);
  expect(check(trainParams({ loss: nothing }))).toMatchObject([{ code: 'ERS_SCHEMA', path: ['loss'] }]);
});

test('where a sweep states weights of losses, the fault is told at those', () => {
  const sweep = { config: ['loss.ce', 'loss.focal'], other: ['loss.dice', 'loss.lovasz'] };
  expect(check(trainParams({ loss: nothing }), sweep)).toMatchObject([
    { path: ['loss', 'dice'], other: ['loss', 'lovasz'] },
  ]);
  const alone = trainParams({ loss: { ...nothing, lovasz: 1, class_weights: 'auto' } });
  expect(check(alone, sweep)).toMatchObject([{ path: ['loss', 'class_weights'], other: ['loss', 'dice'] }]);
});

test('class weights that are all 0 are a fault', () => {
  expect(check(trainParams({ loss: { class_weights: [0, 2] } }))).toEqual([]);
  expect(check(trainParams({ loss: { class_weights: [0, 0] } }))).toMatchObject([
    { code: 'ERS_SCHEMA', path: ['loss', 'class_weights'] },
  ]);
});

test('class weights beside the Lovász loss alone are a fault: it takes none', () => {
  const lovasz = { ...nothing, lovasz: 1 };
  expect(check(trainParams({ loss: { ...lovasz, ce: 0.5, class_weights: 'auto' } }))).toEqual([]);
  for (const class_weights of ['auto', [1, 2]] as const) {
    const weights = class_weights === 'auto' ? class_weights : [...class_weights];
    expect(check(trainParams({ loss: { ...lovasz, class_weights: weights } }))).toMatchObject([
      { code: 'ERS_SCHEMA', path: ['loss', 'class_weights'] },
    ]);
  }
});

test('a warm-up leaves epochs for the schedule, and one_cycle has its own', () => {
  expect(check(trainParams({ schedule: { warmup_epochs: 2 } }))).toEqual([]);
  expect(check(trainParams({ schedule: { warmup_epochs: 1 }, train: { max_epochs: 1 } }))).toMatchObject([
    { message: 'A warm-up of 1 epoch leaves none of the 1 for the schedule.' },
  ]);
  const path = ['schedule', 'warmup_epochs'];
  expect(check(trainParams({ schedule: { warmup_epochs: 3 } }))).toMatchObject([
    { path, other: ['train', 'max_epochs'] },
  ]);
  expect(check(trainParams({ schedule: { name: 'one_cycle', warmup_epochs: 1 } }))).toMatchObject([
    { path, other: ['schedule', 'name'] },
  ]);
});

test('class weights are as many as the scan’s table has classes that are not ignored', () => {
  const row = (value: number, ignore?: boolean) => ({
    ...{ value, name: String(value), colour: '#000000' },
    ...(ignore === undefined ? {} : { ignore }),
  });
  const above = { 'scan classes': [row(7), row(0, true), row(3, false)] };
  const of = (class_weights: number[]) => check(trainParams({ loss: { class_weights } }), { above });
  expect(of([1, 2])).toEqual([]);
  expect(of([1, 2, 3])).toMatchObject([
    {
      code: 'ERS_SCHEMA',
      path: ['loss', 'class_weights'],
      message: '`loss.class_weights` holds 3 factors; 2 classes are trained.',
    },
  ]);
  expect(of([1])).toMatchObject([
    { message: expect.stringContaining('holds 1 factor; 2 classes') as string },
  ]);
});

test('a Tversky loss that counts neither kind of mistake is a fault, if it has a weight', () => {
  const loss = { tversky_alpha: 0, tversky_beta: 0 };
  expect(check(trainParams({ loss }))).toEqual([]);
  expect(check(trainParams({ loss: { ...loss, tversky: 1 } }))).toMatchObject([
    { path: ['loss', 'tversky_alpha'], other: ['loss', 'tversky_beta'] },
  ]);
});

test('a lowest rate above the first one is a fault of the cosine', () => {
  const params = (name: 'cosine_annealing' | 'constant') =>
    trainParams({ optimizer: { lr: 1e-4 }, schedule: { name, eta_min: 2e-4 } });
  expect(check(params('constant'))).toEqual([]);
  expect(check(params('cosine_annealing'))).toMatchObject([
    { path: ['schedule', 'eta_min'], other: ['optimizer', 'lr'] },
  ]);
});

test.each([
  ['loss.focal_gamma', trainParams(), trainParams({ loss: { focal: 0.1 } })],
  ['loss.tversky_alpha', trainParams(), trainParams({ loss: { tversky: 0.1 } })],
  ['loss.tversky_beta', trainParams(), trainParams({ loss: { tversky: 0.1 } })],
  ['optimizer.momentum', trainParams(), trainParams({ optimizer: { name: 'sgd' } })],
  ['optimizer.nesterov', trainParams(), trainParams({ optimizer: { name: 'sgd' } })],
  ['schedule.T_max', trainParams({ schedule: { name: 'constant' } }), trainParams()],
  ['schedule.eta_min', trainParams({ schedule: { name: 'constant' } }), trainParams()],
  ['schedule.power', trainParams(), trainParams({ schedule: { name: 'polynomial' } })],
  ['schedule.pct_start', trainParams(), trainParams({ schedule: { name: 'one_cycle' } })],
])('%s is stated only where the setting that reads it is chosen', (key, without, having) => {
  const path = key.split('.');
  const name = path[0] === 'loss' ? key.replace(/_.*/, '') : `${path[0] ?? ''}.name`;
  expect(check(without)).toEqual([]);
  expect(check(having, { config: [key] })).toEqual([]);
  const message = expect.stringContaining(`\`${key}\` would do nothing: only `) as string;
  expect(check(without, { config: [key] })).toMatchObject([{ code: 'ERS_SCHEMA', path, message }]);
  expect(check(without, { config: [key, name] })).toMatchObject([{ path, other: name.split('.') }]);
  expect(check(without, { config: [key] })[0]?.unread).toBe(true);
  // An option or a matrix that chooses another setting cannot take the file's line away.
  expect(check(without, { config: [key], other: [name] })).toEqual([]);
  // One that states the key may mean it for others of several experiments.
  expect(check(without, { config: [name], other: [key] })).toEqual([]);
  expect(check(without, { other: [key, name] })).toEqual([]);
});

test('Nesterov’s momentum without a momentum is a fault where it is asked for', () => {
  const sgd = trainParams({ optimizer: { name: 'sgd', momentum: 0 } });
  expect(check(sgd)).toEqual([]);
  expect(check(sgd, { config: ['optimizer.nesterov'] })).toMatchObject([
    { path: ['optimizer', 'nesterov'], other: ['optimizer', 'momentum'] },
  ]);
});

test.each([
  [['optimizer', 'lr'], trainParams({ optimizer: { lr: 1e-39 }, schedule: { eta_min: 0 } }), 'is 0 in fp32'],
  [['optimizer', 'lr'], trainParams({ optimizer: { lr: 1e39 } }), 'is infinite in fp32'],
  [['optimizer', 'clip_norm'], trainParams({ optimizer: { clip_norm: 1e-300 } }), 'is 0 in fp32'],
  [['loss', 'ce'], trainParams({ loss: { ce: 1e300 } }), 'is infinite in fp32'],
  [['loss', 'class_weights', 1], trainParams({ loss: { class_weights: [1, 1e-60] } }), 'is 0 in fp32'],
  [['train', 'ema'], trainParams({ train: { ema: 1 - 1e-9 } }), 'is 1 in fp32'],
  [
    ['optimizer', 'momentum'],
    trainParams({ optimizer: { name: 'sgd', momentum: 1 - 1e-9 } }),
    'is 1 in fp32',
  ],
])('%j that fp32 cannot hold is a fault', (path, params, part) => {
  expect(check(params)).toMatchObject([{ path, message: expect.stringContaining(part) as string }]);
});

test('steps of one sample of 32 px are a fault: the deepest batch norms would make 0 of it', () => {
  const above = { 'shards image.img_size': 32 };
  const path = ['train', 'batch_size'];
  expect(check(trainParams({ train: { batch_size: 1 } }), { above })).toMatchObject([{ path }]);
  expect(check(trainParams({ train: { batch_size: 2 } }), { above })).toEqual([]);
  const larger = { above: { 'shards image.img_size': 64 } };
  expect(check(trainParams({ train: { batch_size: 1 } }), larger)).toEqual([]);
});
