import { expect, it } from 'vitest';
import type { Pipeline, StageName } from '../../../engine/definition/types.ts';
import { unite } from '../../../engine/experiments/union.ts';
import type { Overrides } from '../../../engine/experiments/sweep.ts';
import { pipelineOf } from '../pipelines.ts';

/** shards reads seed, train reads lr, evaluate reads nothing. */
function pipelineWith(overrides: Overrides): Pipeline {
  const param = (key: string) => ({ [key]: overrides[key] ?? 0 });
  return pipelineOf('/project', {
    shards: { outs: { set: 'set/' }, deps: { data: 'data' }, params: param('seed') },
    train: { outs: { model: 'model' }, deps: { set: 'shards:set' }, params: param('lr') },
    evaluate: { outs: { score: 'score.json' }, deps: { model: 'train:model', set: 'shards:set' } },
  });
}

function uniteAll(...all: readonly Overrides[]) {
  return unite(all.map((overrides) => ({ overrides, pipeline: pipelineWith(overrides) })));
}

it('the union of one is that pipeline', () => {
  const union = uniteAll({ lr: 1 });
  expect(union.pipeline).toEqual(pipelineWith({ lr: 1 }));
  expect([...union.own]).toEqual(['shards', 'train', 'evaluate'].map((name) => [name, name]));
});

it('what no override reaches stands once, the rest once each, named after the override', () => {
  const union = uniteAll({ lr: 0.001 }, { lr: 0.0003 });
  expect(union.pipeline.order).toEqual([
    ...['shards', 'train@lr-0.001', 'evaluate@lr-0.001'],
    ...['train@lr-0.0003', 'evaluate@lr-0.0003'],
  ]);
  expect(union.pipeline.default).toEqual(['evaluate@lr-0.001', 'evaluate@lr-0.0003']);
  const second = union.pipeline.stages.get('evaluate@lr-0.0003' as StageName);
  expect(second?.name).toBe('evaluate@lr-0.0003');
  expect(second?.deps).toMatchObject({
    model: { stage: 'train@lr-0.0003', out: 'model' },
    set: { stage: 'shards', out: 'set' },
  });
  expect(union.own.get('train@lr-0.001' as StageName)).toBe('train');
  expect(union.stages[1]?.get('train' as StageName)).toBe('train@lr-0.0003');
});

it('a stage that some share is named after what these have in common', () => {
  const union = uniteAll({ lr: 1, seed: 1 }, { lr: 1, seed: 2 }, { lr: 2, seed: 1 }, { lr: 2, seed: 2 });
  expect(union.pipeline.order).toEqual([
    ...['shards@seed-1', 'train@lr-1_seed-1', 'evaluate@lr-1_seed-1'],
    ...['shards@seed-2', 'train@lr-1_seed-2', 'evaluate@lr-1_seed-2'],
    ...['train@lr-2_seed-1', 'evaluate@lr-2_seed-1', 'train@lr-2_seed-2', 'evaluate@lr-2_seed-2'],
  ]);
});

it('overrides that all have are in no label, and those that nobody reads make no stage of their own', () => {
  expect(uniteAll({ lr: 1, seed: 7 }, { lr: 2, seed: 7 }).pipeline.order[1]).toBe('train@lr-1');
  expect(uniteAll({ other: 1 }, { other: 2 }).pipeline.order).toEqual(['shards', 'train', 'evaluate']);
});

it('a stage below another that differs is another, even where its own definition is the same', () => {
  const union = uniteAll({ seed: 1 }, { seed: 2 });
  expect(union.pipeline.order).toEqual(
    ['1', '2'].flatMap((seed) => ['shards', 'train', 'evaluate'].map((stage) => `${stage}@seed-${seed}`)),
  );
});

it('another path of an input makes another stage', () => {
  const other = pipelineWith({});
  const shards = other.stages.get('shards' as StageName);
  if (shards === undefined) throw new Error('no shards');
  const moved = {
    ...shards,
    deps: { data: { type: 'path', path: 'elsewhere', place: shards.place } as const },
  };
  const union = unite([
    { overrides: { root: 'data' }, pipeline: other },
    {
      overrides: { root: 'elsewhere' },
      pipeline: { ...other, stages: new Map([...other.stages, [moved.name, moved]]) },
    },
  ]);
  expect(union.pipeline.order[0]).toBe('shards@root-data');
  expect(union.pipeline.order).toContain('shards@root-elsewhere');
});

it('a thousand members of which each has its own train are united in a moment', () => {
  const all = Array.from({ length: 1000 }, (_, lr) => ({ lr }));
  expect(uniteAll(...all).pipeline.order).toHaveLength(2001);
});
