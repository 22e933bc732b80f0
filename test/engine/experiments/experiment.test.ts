import { expect, it } from 'vitest';
import type { Json } from '../../../base/canonical.ts';
import { describeSelf } from '../../../cache/holder.ts';
import { parseExperiment, stateOf, type Experiment } from '../../../engine/experiments/experiment.ts';

const whole: Experiment = {
  version: 1,
  name: 'lr-1',
  overrides: { lr: 1 },
  config: null,
  targets: [],
  status: 'done',
  run: 'run',
  holder: describeSelf(''),
  started: '2026-01-01T00:00:00.000Z',
  ended: null,
  git: { commit: 'c', dirty: ['a'], changes: 1, digest: null, diff: null },
  stages: { train: { key: null, params: { lr: 1 }, metrics: { iou: 0.5 }, faults: ['why'] } },
};
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

it('a whole file is read as it was written', () => {
  expect(parseExperiment(asJson(whole), 'lr-1')).toEqual(whole);
});

it.each<readonly [string, unknown]>([
  ['nothing', undefined],
  ['a list', []],
  ['another version', { ...whole, version: 2 }],
  ['another name', { ...whole, name: 'lr-2' }],
  ['a status that is none', { ...whole, status: 'fine' }],
  ['a key that is no digest', { ...whole, stages: { train: { ...whole.stages['train'], key: 'x' } } }],
  [
    'a metric that is no number',
    { ...whole, stages: { train: { ...whole.stages['train'], metrics: { a: 'b' } } } },
  ],
  ['overrides that are no group', { ...whole, overrides: [] }],
  ['a holder that is none', { ...whole, holder: {} }],
  ['git without a commit', { ...whole, git: {} }],
  ['targets that are no names', { ...whole, targets: [1] }],
])('%s is no experiment', (_, value) => {
  expect(parseExperiment(value === undefined ? undefined : asJson(value), 'lr-1')).toBe(undefined);
});

it('one that says it runs is running while its run lives, and was stopped once that is gone', () => {
  expect(stateOf({ ...whole, status: 'running' })).toBe('running');
  const gone = { ...whole.holder, startTime: '1' };
  expect(stateOf({ ...whole, status: 'running', holder: gone })).toBe('stopped');
  expect(stateOf({ ...whole, status: 'failed', holder: gone })).toBe('failed');
});
