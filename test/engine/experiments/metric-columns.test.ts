import { expect, it } from 'vitest';
import type { Pipeline, Stage } from '../../../engine/definition/types.ts';
import {
  metricColumns,
  shortColumns,
  valuesOf,
  type StageNumbers,
} from '../../../engine/experiments/metric-columns.ts';

const stages = ['fit', 'rate', 'many@seed-1', 'many@seed-2', 'single@seed-1'];
const pipeline = {
  order: stages,
  stages: new Map(
    stages.map((name) => {
      const [of = ''] = name.split('@');
      return [name, { name, ...(of === name ? {} : { member: { of } }) } as Stage];
    }),
  ),
} as unknown as Pipeline;

const headsOf = (...results: readonly (readonly StageNumbers[])[]) => [
  ...shortColumns(metricColumns(pipeline, results)),
];

it('a metric of one stage has its own name, one of several that of the stage too, wherever it is missing', () => {
  expect(headsOf([['fit', { loss: 1, iou: 1 }]], [['rate', { iou: 2 }]])).toEqual([
    ['loss', 'loss'],
    ['fit:iou', 'fit:iou'],
    ['rate:iou', 'rate:iou'],
  ]);
});

it('members of a matrix are named, behind the mean over all of them', () => {
  expect(headsOf([['many@seed-1', { iou: 1 }]], [['single@seed-1', { iou: 2 }]])).toEqual([
    ['many@*:iou', 'mean iou'],
    ['many@seed-1:iou', 'many@seed-1:iou'],
    ['single@seed-1:iou', 'single@seed-1:iou'],
  ]);
  expect(
    headsOf([
      ['many@seed-2', { iou: 1 }],
      ['many@seed-1', { iou: 1 }],
    ]),
  ).toEqual([
    ['many@*:iou', 'mean iou'],
    ['many@seed-1:iou', 'seed-1 iou'],
    ['many@seed-2:iou', 'seed-2 iou'],
  ]);
});

it('a mean counts only where every member has the number', () => {
  const whole: readonly StageNumbers[] = [
    ['many@seed-1', { iou: 0.25, f1: 1 }],
    ['many@seed-2', { iou: 0.75 }],
  ];
  const half: readonly StageNumbers[] = [['many@seed-2', { iou: 1 }]];
  const columns = metricColumns(pipeline, [whole, half]);
  expect(valuesOf(columns, whole, [])).toEqual({
    ...{ 'many@*:iou': 0.5, 'many@seed-1:iou': 0.25, 'many@seed-2:iou': 0.75, 'many@seed-1:f1': 1 },
  });
  expect(valuesOf(columns, half, [])).toEqual({ 'many@seed-2:iou': 1 });
  expect(valuesOf(columns, whole, ['many'])).not.toHaveProperty(['many@*:iou']);
});
