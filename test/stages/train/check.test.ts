import { expect, test } from 'vitest';
import { check } from '../../../stages/train/check.ts';
import { trainParams } from './params.ts';

const nothing = { ce: 0, dice: 0 };

test('one loss with a weight is enough, none is a fault', () => {
  expect(check(trainParams())).toEqual([]);
  expect(check(trainParams({ loss: { ...nothing, lovasz: 0.1 } }))).toEqual([]);
  expect(check(trainParams({ loss: nothing }))).toMatchObject([{ code: 'ERS_SCHEMA', path: ['loss'] }]);
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
  const path = ['schedule', 'warmup_epochs'];
  expect(check(trainParams({ schedule: { warmup_epochs: 3 } }))).toMatchObject([
    { path, other: ['train', 'max_epochs'] },
  ]);
  expect(check(trainParams({ schedule: { name: 'one_cycle', warmup_epochs: 1 } }))).toMatchObject([
    { path, other: ['schedule', 'name'] },
  ]);
});
