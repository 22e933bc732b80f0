import { expect, test } from 'vitest';
import { aboveOf } from '../../../engine/definition/above.ts';
import type { StageName } from '../../../engine/definition/types.ts';
import { builtIn, names, pipelineOf, type Sketch } from '../pipelines.ts';

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
function above(sketches: Readonly<Record<string, Sketch>>, refused: readonly string[] = []) {
  const pipeline = pipelineOf('/', sketches);
  const stage = pipeline.stages.get('train' as StageName);
  if (stage === undefined) throw new Error('Internal error: no stage');
  return aboveOf(pipeline, new Set(names(...refused)))(stage);
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

test('a stage whose params were refused says nothing of them, and no other speaks for it', () => {
  const both = { first: 'scan:catalog', second: 'again:catalog' };
  const sketches = { scan: scan(['a']), again: scan(['a']), shards: shards(both), train };
  expect(above(sketches)('scan', 'classes')).toEqual(['a']);
  expect(above(sketches, ['scan'])('scan', 'classes')).toBeUndefined();
  expect(above(sketches, ['again'])('scan', 'classes')).toBeUndefined();
  expect(above(sketches, ['scan'])('shards', 'image.img_size')).toBe(64);
  expect(above(sketches, ['shards'])('shards', 'image.img_size')).toBeUndefined();
});

test('a program between counts in whatever order the inputs are listed', () => {
  const remap: Sketch = { cmd: 'remap', deps: { train: 'shards:train' }, outs: { train: 'train/' } };
  const of = (deps: Readonly<Record<string, string>>) =>
    above({ scan: scan(['a']), shards: shards(), remap, train: { ...train, deps } });
  for (const seen of [
    of({ train: 'remap:train', val: 'shards:train' }),
    of({ val: 'shards:train', train: 'remap:train' }),
  ]) {
    expect(seen('scan', 'classes')).toBeUndefined();
    expect(seen('shards', 'image.img_size')).toBeUndefined();
  }
});

test('stages in a circle, and ones that could not be read, leave it open', () => {
  const both = { split: 'scan:catalog', more: 'other:out' };
  const pipeline = pipelineOf('/', {
    scan: scan(['a']),
    other: { outs: { out: 'o' } },
    shards: shards(both),
  });
  const [readerName, otherName] = ['shards' as StageName, 'other' as StageName];
  const reader = pipeline.stages.get(readerName);
  if (reader === undefined) throw new Error('Internal error: no stage');
  const seen = (order: readonly StageName[]) =>
    aboveOf({ stages: pipeline.stages, order })(reader)('scan', 'classes');
  expect(seen(pipeline.order)).toEqual(['a']);
  expect(seen(pipeline.order.filter((name) => name !== otherName))).toBeUndefined();
});

test('a chain of any length is followed, and layers that all read each other', () => {
  const length = 10_000;
  const chain = Object.fromEntries(
    Array.from({ length }, (_, index): [string, Sketch] => [
      `c${index}`,
      { deps: { in: index === 0 ? 'scan:catalog' : `c${index - 1}:out` }, outs: { out: 'o' } },
    ]),
  );
  const last = { train: `c${length - 1}:out` };
  const open = above({ scan: scan(['a']), ...chain, train: { ...train, deps: last } });
  expect(open('scan', 'classes')).toBeUndefined();

  const layers = 40;
  const layered = Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
      ['x', 'y'].map((side): [string, Sketch] => [
        `${side}${layer}`,
        {
          program: builtIn('split'),
          deps: layer === 0 ? { a: 'scan:catalog' } : { a: `x${layer - 1}:out`, b: `y${layer - 1}:out` },
          outs: { out: 'o' },
        },
      ]),
    ),
  );
  const ends = { a: `x${layers - 1}:out`, b: `y${layers - 1}:out` };
  const whole = above({ scan: scan(['a']), ...layered, train: { ...train, deps: ends } });
  expect(whole('scan', 'classes')).toEqual(['a']);
});
