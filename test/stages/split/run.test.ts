import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { assign } from '../../../stages/split/assign.ts';
import { readSplit, type SplitManifest } from '../../../stages/split/manifest.ts';
import type { Quota } from '../../../stages/split/quotas.ts';
import { run } from '../../../stages/split/run.ts';
import { stratify, type RarePolicy } from '../../../stages/split/strata.ts';
import { masksOf, splitTrial, type SplitParams } from './fixture.ts';

const demo = { '2,3,4,6': 7, '1,2,3,4,6': 6, '1,2,3,4,5,6': 6, '0,1,2,3,4': 2, '0,1,2,3,4,5,6': 3 };
const fractions: Quota = [0.7, 0.15, 0.15];
const opened: { remove(): void }[] = [];
afterEach(() => opened.splice(0).forEach((trial) => trial.remove()));

async function split(groups: Readonly<Record<string, number>>, changes: Partial<SplitParams> = {}) {
  const trial = splitTrial(groups, changes);
  opened.push(trial);
  const result = await run(trial.context);
  const read = (out: string) => readFileSync(trial.outs[out] ?? '', 'utf8');
  return { result, read, manifest: () => JSON.parse(read('manifest')) as SplitManifest, ...trial };
}

function faultOf(result: Awaited<ReturnType<typeof run>>) {
  if (result.ok) throw new Error('expected a fault');
  return result.faults[0];
}

test('rare groups become one stratum, and every decision is said and stored', async () => {
  const { result, manifest, events } = await split(demo);
  expect(result).toEqual({ ok: true, value: { status: 'done' } });
  expect(manifest().decisions).toEqual([
    '2 class groups have fewer than 6 masks: 0,1,2,3,4 (2 masks); 0,1,2,3,4,5,6 (3 masks). They are merged and divided as one stratum.',
    'Classes 1,2,3,4,5,6: 6 masks → 4 train, 1 val, 1 test.',
    'Classes 1,2,3,4,6: 6 masks → 4 train, 1 val, 1 test.',
    'Classes 2,3,4,6: 7 masks → 5 train, 1 val, 1 test.',
    'Rare groups together: 5 masks → 3 train, 1 val, 1 test.',
    'In all 24 masks with 48 images → 16 train, 4 val, 4 test: 66.7/16.7/16.7 % for 70/15/15 % asked.',
  ]);
  expect(events.map((event) => (event.type === 'note' ? event.text : event.type))).toEqual(
    manifest().decisions,
  );
});

test('each CSV has one row an image of its set, with paths relative to the dataset', async () => {
  const { read, manifest } = await split(demo);
  for (const set of ['train', 'val', 'test'] as const) {
    const rows = manifest()
      .samples.filter((sample) => sample.set === set)
      .flatMap((sample) => sample.images.map((image) => `${image.path},${sample.mask}`));
    expect(read(set)).toBe(['image_path,mask_path', ...rows, ''].join('\n'));
  }
  expect(read('train').split('\n')[1]).toMatch(
    /^images\/0-1-2-3-4-5-6_0\d_6\.png,annotations\/0-1-2-3-4-5-6_0\d_mask\.png$/,
  );
});

test('the same seed gives the same bytes, another seed another split', async () => {
  const [first, again, other] = [await split(demo), await split(demo), await split(demo, { seed: 43 })];
  expect(again.read('manifest')).toBe(first.read('manifest'));
  expect(other.read('train')).not.toBe(first.read('train'));
});

test('the stored manifest is read back as it was', async () => {
  const { outs, manifest } = await split(demo);
  expect(await readSplit(outs['manifest'] ?? '', 'split.json')).toEqual({ ok: true, value: manifest() });
});

test('classes that only rare groups have reach all three sets, with every seed', async () => {
  await prepareRandom();
  for (const [groups, rare] of [
    [demo, '0'],
    [{ '1,2': 20, '1,2,3': 2, '1,3': 1, '2': 4 }, '3'],
    [{ '1,2': 20, '0,1': 2, '0,2': 2, '0': 1 }, '0'],
  ] as const) {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { strata } = stratify(masksOf(groups), { fractions, minGroup: 6, rare: 'merge' });
        const { samples } = assign(strata, fractions, seed);
        const sets = samples.filter(({ mask }) => mask.group.split(',').includes(rare)).map(({ set }) => set);
        expect(new Set(sets)).toEqual(new Set(['train', 'val', 'test']));
      }),
      { seed: 1, numRuns: 30 },
    );
  }
});

test('rare: train sends rare groups to training and warns', async () => {
  const { manifest, events } = await split(demo, { rare: 'train' });
  const rare = manifest().samples.filter((sample) => sample.stratum === 'rare');
  expect(rare.map((sample) => sample.set)).toEqual(['train', 'train', 'train', 'train', 'train']);
  expect(events.filter((event) => event.type === 'note' && event.level === 'warning')).toEqual([
    {
      type: 'note',
      level: 'warning',
      text: '2 class groups have fewer than 6 masks: 0,1,2,3,4 (2 masks); 0,1,2,3,4,5,6 (3 masks). split.rare is train: all of them go to training, none is validated or tested.',
    },
    { type: 'note', level: 'warning', text: 'Class 0 has no pixel in val and test.' },
  ]);
});

test('rare: drop leaves rare groups out and names every mask', async () => {
  const { manifest } = await split(demo, { rare: 'drop' });
  expect(manifest().samples).toHaveLength(19);
  expect(manifest().decisions[0]).toBe(
    '2 class groups have fewer than 6 masks: 0,1,2,3,4 (2 masks); 0,1,2,3,4,5,6 (3 masks). split.rare is drop: 5 masks left out: 0-1-2-3-4-5-6_00, 0-1-2-3-4-5-6_01, 0-1-2-3-4-5-6_02, 0-1-2-3-4_00, 0-1-2-3-4_01.',
  );
});

test('rare masks too few for a stratum of their own join the most similar group', async () => {
  const { manifest } = await split({ '2,3,4,6': 8, '1,2,3,4,6': 8, '0,1,2,3,4': 2 });
  expect(manifest().decisions[0]).toBe(
    '1 class group has fewer than 6 masks: 0,1,2,3,4 (2 masks). They are merged into the most similar group, classes 1,2,3,4,6.',
  );
  expect(new Set(manifest().samples.map((sample) => sample.stratum))).toEqual(
    new Set(['2,3,4,6', '1,2,3,4,6']),
  );
});

test('a dataset of rare groups only is divided as one stratum', async () => {
  const { manifest } = await split({ '1,2': 2, '2,3': 2, '3,4': 2, '4,5': 1 }, { min_group: 10 });
  expect(manifest().samples.map((sample) => sample.stratum)).toEqual(Array(7).fill('rare'));
});

test('too few masks are refused with the numbers', async () => {
  const { result, outs } = await split({ '1,2': 3 });
  expect(faultOf(result)).toEqual({
    code: 'ERS_TOO_FEW_MASKS',
    message: '3 masks do not fill three sets with 0.7/0.15/0.15: 2 train, 1 val, 0 test.',
    hint:
      'split.train 0.7, split.val 0.15, split.test 0.15 in the config need at least 5 masks.\n' +
      'Add 2 more, or make split.test larger and the others smaller.',
  });
  expect(() => readFileSync(outs['train'] ?? '')).toThrow('ENOENT');
});

test('one mask is too few whatever the shares are', async () => {
  const { result } = await split({ '1,2': 1 });
  expect(faultOf(result)?.hint).toMatch(/need at least 5 masks\.\nAdd 4 more\.$/);
});

test('dropping every mask is refused with the reason', async () => {
  const { result } = await split({ '1,2': 5, '1,3': 5 }, { rare: 'drop' });
  expect(faultOf(result)?.message).toBe(
    '0 masks do not fill three sets with 0.7/0.15/0.15 (10 more are in rare groups and were dropped): 0 train, 0 val, 0 test.',
  );
});

test('fractions that do not sum to 1 are refused', async () => {
  expect(faultOf((await split(demo, { val: 0.2 })).result)).toEqual({
    code: 'ERS_SCHEMA',
    message: 'split.train, split.val and split.test are 0.7, 0.2, 0.15 and sum to 1.05; expected 1.',
    hint: 'Change one of them, e.g. 0.7, 0.15 and 0.15.',
  });
  expect((await split(demo, { train: 0.8, val: 0.1, test: 0.1 })).result.ok).toBe(true);
});

test('a file that is no catalog is refused', async () => {
  const trial = splitTrial(demo);
  opened.push(trial);
  writeFileSync(join(trial.folder, 'catalog.json'), '{"version": 2}');
  const fault = faultOf(await run(trial.context));
  expect(fault?.code).toBe('ERS_SCHEMA');
  expect(fault?.place).toEqual({ file: 'catalog.json' });
});

const groupsOf = fc.dictionary(
  fc
    .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 })
    .map((values) => values.sort().join(',')),
  fc.integer({ min: 1, max: 20 }),
  { minKeys: 1, maxKeys: 8 },
);

test('no mask is lost, doubled or parted from its images, whatever the groups', async () => {
  await prepareRandom();
  fc.assert(
    fc.property(
      groupsOf,
      fc.constantFrom<RarePolicy>('merge', 'train', 'drop'),
      fc.nat(),
      (groups, rare, seed) => {
        const masks = masksOf(groups);
        const strata = stratify(masks, { fractions, minGroup: 6, rare });
        const { samples } = assign(strata.strata, fractions, seed);
        const names = [
          ...samples.map((sample) => sample.mask.name),
          ...strata.dropped.map((mask) => mask.name),
        ];
        expect(names.sort()).toEqual(masks.map((mask) => mask.name).sort());
      },
    ),
    { seed: 1 },
  );
});

test('a mask added to a group leaves the order of all other masks as it was', async () => {
  await prepareRandom();
  const setsOf = (groups: Readonly<Record<string, number>>) =>
    new Map(
      assign(
        stratify(masksOf(groups), { fractions, minGroup: 6, rare: 'merge' }).strata,
        fractions,
        1,
      ).samples.map((sample) => [sample.mask.name, sample.set]),
    );
  const before = setsOf(demo);
  const after = setsOf({ ...demo, '2,3,4,6': 8 });
  const moved = [...before].filter(([name, set]) => after.get(name) !== set).map(([name]) => name);
  expect(moved.filter((name) => !name.startsWith('2-3-4-6_'))).toEqual([]);
  expect(moved.length).toBeLessThanOrEqual(2);
});
