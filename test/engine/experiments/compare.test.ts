import { expect, it } from 'vitest';
import { bestOf, rank } from '../../../engine/experiments/compare.ts';
import type { Contender } from '../../../engine/experiments/contenders.ts';
import { differingParams } from '../../../engine/experiments/params.ts';

const contender = (
  name: string,
  metrics: Contender['metrics'],
  params: Contender['params'] = {},
): Contender => ({
  ...{ name, status: 'done', params, metrics, outdated: [], unread: [], mixed: [] },
});
const names = (all: readonly Contender[]) => all.map(({ name }) => name);

it('the best comes first, whichever end that is; equal ones by name, those without the metric last', () => {
  const all = [
    ...[contender('none', {}), contender('b', { iou: 0.5 }), contender('low', { iou: -1 })],
    ...[contender('a', { iou: 0.5 }), contender('high', { iou: 0.9 }), contender('empty', {})],
  ];
  expect(names(rank(all, 'iou', 'highest'))).toEqual(['high', 'a', 'b', 'low', 'empty', 'none']);
  expect(names(rank(all, 'iou', 'lowest'))).toEqual(['low', 'a', 'b', 'high', 'empty', 'none']);
  expect(names(rank(all, undefined, 'highest'))).toEqual(['a', 'b', 'empty', 'high', 'low', 'none']);
});

it.each([
  ['test_iou', 'highest'],
  ['mean_f1', 'highest'],
  ['pixel_accuracy', 'highest'],
  ['lossless_share', 'highest'],
  ['val_loss', 'lowest'],
  ['RMSE', 'lowest'],
  ['train.seconds', 'lowest'],
] as const)('of %s the %s is the best', (metric, best) => {
  expect(bestOf(metric)).toBe(best);
});

it('a param differs where a value is another one, or is not there', () => {
  const all = [
    contender('a', {}, { same: [1, 2], lr: 1, only: 'here' }),
    contender('b', {}, { same: [1, 2], lr: '1' }),
  ];
  expect(differingParams(all)).toEqual(['lr', 'only']);
});
