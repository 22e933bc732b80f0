import { expect, test } from 'vitest';
import { aboveOf } from '../../../engine/definition/above.ts';
import { builtIn, pipelineOf, type Sketch } from '../pipelines.ts';

const scan = (classes: readonly string[]): Sketch => ({
  program: builtIn('scan'),
  params: { classes, 'image.channels': 3 },
  outs: { catalog: 'catalog.json' },
});
const shards = (deps: Readonly<Record<string, string>> = { split: 'scan:catalog' }): Sketch => ({
  program: builtIn('shards'),
  params: { image: { img_size: 64 } },
  deps,
  outs: { train: 'train/' },
});
const train: Sketch = {
  program: builtIn('train'),
  deps: { train: 'shards:train' },
  outs: { model: 'model/' },
};

/** What the stage `train` sees above it. */
function above(sketches: Readonly<Record<string, Sketch>>) {
  const { stages } = pipelineOf('/', sketches);
  const stage = [...stages.values()].find(({ name }) => name === 'train');
  if (stage === undefined) throw new Error('Internal error: no stage');
  return aboveOf(stages, stage);
}

test('a param of a built-in stage above is found through others, in a group or by its dotted name', () => {
  const seen = above({ scan: scan(['a', 'b']), shards: shards(), train });
  expect(seen('scan', 'classes')).toEqual(['a', 'b']);
  expect(seen('scan', 'image.channels')).toBe(3);
  expect(seen('shards', 'image.img_size')).toBe(64);
  expect(seen('shards', 'image.periods')).toBeUndefined();
  expect(seen('split', 'seed')).toBeUndefined();
});

test('nothing is said where a program between may have made something else of it', () => {
  const cut: Sketch = { cmd: 'cut', deps: { catalog: 'scan:catalog' }, outs: { catalog: 'c.json' } };
  const seen = above({ scan: scan(['a']), cut, shards: shards({ split: 'cut:catalog' }), train });
  expect(seen('scan', 'classes')).toBeUndefined();
  expect(seen('shards', 'image.img_size')).toBe(64);
});

test('a program that makes the data above it is no obstacle', () => {
  const fetched: Sketch = { cmd: 'fetch', outs: { data: 'data/' } };
  const deps = { dataset: 'fetched:data', split: 'scan:catalog' };
  expect(above({ fetched, scan: scan(['a']), shards: shards(deps), train })('scan', 'classes')).toEqual([
    'a',
  ]);
});

test('two stages of one kind that read other values leave it open; of equal ones the value is known', () => {
  const both = { first: 'scan:catalog', second: 'again:catalog' };
  const of = (classes: readonly string[]) =>
    above({ scan: scan(['a']), again: scan(classes), shards: shards(both), train })('scan', 'classes');
  expect(of(['b'])).toBeUndefined();
  expect(of(['a'])).toEqual(['a']);
});
