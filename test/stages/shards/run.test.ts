import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { byCodeUnit } from '../../../base/canonical.ts';
import { sha256 } from '../../../base/digest.ts';
import { prepareRandom } from '../../../base/random.ts';
import type { StageEvent } from '../../../engine/stage.ts';
import { parseNpy, type NpyArray } from '../../../formats/npy.ts';
import { readTar } from '../../../formats/tar.ts';
import { encodePng } from '../../../imaging/encode.ts';
import { resizeLinear, resizeNearest } from '../../../imaging/resize.ts';
import { definition } from '../../../stages/shards/definition.ts';
import { run } from '../../../stages/shards/run.ts';
import type { ShardsParams } from '../../../stages/shards/steps.ts';
import { stageContext, type TrialOf } from '../context.ts';
import { imageOf, maskOf, smallParams, writeDataset } from './dataset.ts';

type Trial = TrialOf<typeof definition>;

let folder: string;
let deps: { dataset: string; split: string };
const trials: Trial[] = [];

beforeAll(async () => {
  await prepareRandom();
  folder = await mkdtemp(join(tmpdir(), 'ers-shards-test-'));
  const { dataset, split } = await writeDataset(folder);
  deps = { dataset, split };
});
afterEach(() => {
  for (const trial of trials.splice(0)) trial.remove();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function trialOf(options: {
  params?: ShardsParams;
  cores?: number;
  deps?: { dataset: string; split: string };
  onEvent?: (event: StageEvent, trial: Trial) => void;
}): Trial {
  const trial: Trial = stageContext({
    definition,
    params: options.params ?? smallParams(),
    deps: options.deps ?? deps,
    cores: options.cores ?? 2,
    onEvent: (event) => options.onEvent?.(event, trial),
  });
  trials.push(trial);
  return trial;
}

/** Relative path → digest of every file of the outs. */
async function filesOf(trial: Trial): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  const paths = await readdir(join(trial.folder, 'outs'), { recursive: true, withFileTypes: true });
  for (const entry of paths.filter((path) => path.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[path.slice(join(trial.folder, 'outs').length + 1)] = sha256(await readFile(path));
  }
  return files;
}

interface ReadSample {
  readonly about: {
    readonly name: string;
    readonly copy: number;
    readonly transforms: readonly { readonly name: string }[];
  };
  readonly image: NpyArray;
  readonly mask: NpyArray;
}

async function samplesOf(set: string): Promise<ReadonlyMap<string, ReadSample>> {
  const files = new Map<string, Uint8Array>();
  const shards = (await readdir(set)).filter((name) => name.endsWith('.tar')).sort(byCodeUnit);
  for (const shard of shards) {
    for await (const { name, bytes } of readTar(join(set, shard), shard)) files.set(name, bytes);
  }
  const npy = (name: string): NpyArray => {
    const parsed = parseNpy(files.get(name) ?? new Uint8Array(), name);
    if (!parsed.ok) throw new Error(parsed.faults[0]?.message);
    return parsed.value;
  };
  const keys = [...files.keys()].filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
  return new Map(
    keys.map((key) => [
      key,
      {
        about: JSON.parse(Buffer.from(files.get(`${key}.json`) ?? []).toString()) as ReadSample['about'],
        image: npy(`${key}.image.npy`),
        mask: npy(`${key}.mask.npy`),
      },
    ]),
  );
}

test('one and four workers write the same bytes, and nothing but whole shards and dataset.json', async () => {
  const one = trialOf({ cores: 1 });
  const four = trialOf({ cores: 4 });
  expect(await run(one.context)).toEqual({ ok: true, value: { status: 'done' } });
  expect(await run(four.context)).toEqual({ ok: true, value: { status: 'done' } });
  const files = await filesOf(one);
  expect(await filesOf(four)).toEqual(files);
  expect(Object.keys(files).sort(byCodeUnit)).toEqual([
    'test/dataset.json',
    'test/shard-00000.tar',
    'train/dataset.json',
    'train/shard-00000.tar',
    'train/shard-00001.tar',
    'train/shard-00002.tar',
    'train/shard-00003.tar',
    'train/shard-00004.tar',
    'val/dataset.json',
    'val/shard-00000.tar',
  ]);
});

test('dataset.json says what the shards hold', async () => {
  const trial = trialOf({});
  await run(trial.context);
  const samples = [...(await samplesOf(trial.outs['train'] ?? '')).values()];
  const labels = samples.flatMap(({ mask }) => [...mask.data].map(Number));
  const pixelsOf = (label: number) => labels.filter((other) => other === label).length;
  expect(pixelsOf(0) + pixelsOf(1) + pixelsOf(255)).toBe(24 * 32 * 32);
  const text = await readFile(join(trial.outs['train'] ?? '', 'dataset.json'), 'utf8');
  expect(JSON.parse(text)).toEqual({
    version: 1,
    set: 'train',
    samples: 24,
    height: 32,
    width: 32,
    channels: 3,
    classes: [
      { value: 9, train: null },
      { value: 40, train: 0 },
      { value: 200, train: 1 },
    ],
    ignore: 255,
    histogram: [pixelsOf(0), pixelsOf(1)],
    periods: ['6', '7'],
    shards: [5, 5, 5, 5, 4].map((samples, index) => ({ file: `shard-0000${index}.tar`, samples })),
  });
});

test('a validation sample is its picture resized, with train indices in the mask and 255 where it is ignored', async () => {
  const trial = trialOf({});
  await run(trial.context);
  const samples = await samplesOf(trial.outs['val'] ?? '');
  expect([...samples.keys()]).toEqual(['00000000', '00000001']);
  const sample = samples.get('00000001');
  expect(sample?.about).toEqual({
    name: 'place.2',
    period: '7',
    image: 'images/place.2_7.png',
    mask: 'annotations/place.2_mask.png',
    copy: 0,
    transforms: [],
  });
  expect(sample?.image.shape).toEqual([32, 32, 3]);
  expect([...(sample?.image.data ?? [])]).toEqual([...resizeLinear(imageOf(2, '7'), 32, 32).pixels]);
  const indices = [...resizeNearest(maskOf(2), 32, 32).pixels].map(
    (value) => ({ 9: 255, 40: 0, 200: 1 })[value],
  );
  expect(sample?.mask.shape).toEqual([32, 32]);
  expect([...(sample?.mask.data ?? [])]).toEqual(indices);
});

test('training samples are the copies of each image in order, with the transforms that made them', async () => {
  const trial = trialOf({ params: smallParams({ copies: 20 }) });
  await run(trial.context);
  const samples = [...(await samplesOf(trial.outs['train'] ?? '')).values()];
  expect(samples).toHaveLength(160);
  expect(samples.slice(0, 3).map(({ about }) => [about.name, about.copy])).toEqual([
    ['place.0', 0],
    ['place.0', 1],
    ['place.0', 2],
  ]);
  const names = new Set(samples.flatMap(({ about }) => about.transforms.map(({ name }) => name)));
  expect([...names].sort(byCodeUnit)).toEqual([
    'brightness_contrast',
    'gaussian_blur',
    'grid_distortion',
    'horizontal_flip',
    'jpeg_compression',
    'mosaic',
    'optical_distortion',
    'shift_scale_rotate',
    'vertical_flip',
  ]);
  for (const { mask } of samples)
    expect([...new Set(mask.data)].every((index) => [0, 1, 255].includes(index))).toBe(true);
});

test('a copy has the same bytes whatever the number of copies', async () => {
  const few = trialOf({ params: smallParams({ copies: 1 }) });
  const many = trialOf({ params: smallParams({ copies: 2 }) });
  await run(few.context);
  await run(many.context);
  const all = [...(await samplesOf(many.outs['train'] ?? '')).values()];
  const first = [...(await samplesOf(few.outs['train'] ?? '')).values()];
  expect(first).toEqual(all.filter(({ about }) => about.copy === 0));
});

test('another seed gives other training samples and the same validation samples', async () => {
  const a = trialOf({});
  const b = trialOf({ params: smallParams({ seed: 18 }) });
  await run(a.context);
  await run(b.context);
  const [of17, of18] = [await filesOf(a), await filesOf(b)];
  expect(of17['train/shard-00000.tar']).not.toBe(of18['train/shard-00000.tar']);
  expect(of17['val/shard-00000.tar']).toBe(of18['val/shard-00000.tar']);
});

test('progress ends with all samples of each set', async () => {
  const trial = trialOf({});
  await run(trial.context);
  const ends = trial.events.filter((event) => event.type === 'progress' && event.done === event.total);
  expect(ends).toEqual([
    { type: 'progress', label: 'train', done: 24, total: 24, unit: 'samples' },
    { type: 'progress', label: 'val', done: 2, total: 2, unit: 'samples' },
    { type: 'progress', label: 'test', done: 2, total: 2, unit: 'samples' },
  ]);
});

test('samples of val or test of which resizing leaves no labelled pixel are told, since they score 1 whatever is predicted', async () => {
  const copy = await mkdtemp(join(folder, 'sparse-'));
  await cp(deps.dataset, copy, { recursive: true });
  // A sample of 32 takes the columns 0, 2, 3, 4, 6, … of the 44 of a mask: under the centres of its own.
  const pixels = new Uint8Array(44 * 36).fill(9);
  pixels[1] = 40;
  const png = await encodePng({ width: 44, height: 36, channels: 1, pixels });
  for (const index of [0, 4]) await writeFile(join(copy, `annotations/place.${index}_mask.png`), png);
  const trial = trialOf({ deps: { dataset: copy, split: deps.split } });
  expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'done' } });
  expect(trial.events.filter(({ type }) => type === 'note')).toEqual([
    {
      type: 'note',
      level: 'warning',
      text: '2 of 2 test samples have no labelled pixel left at 32×32 (first annotations/place.4_mask.png). They score an IoU of 1 whatever is predicted: raise image.img_size, or leave out masks with so few labelled pixels.',
    },
  ]);
});

test('asked to stop, it stops and leaves whole shards only', async () => {
  const trial = trialOf({ onEvent: (_, self) => self.stop() });
  expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'stopped' } });
  const files = Object.keys(await filesOf(trial));
  for (const file of files) {
    expect(file).toMatch(/^train\/shard-0000\d\.tar$/);
    const names: string[] = [];
    for await (const { name } of readTar(join(trial.folder, 'outs', file), file)) names.push(name);
    expect(names).toHaveLength(15);
  }
});

describe('bad input', () => {
  async function faultsWith(damage: (dataset: string) => Promise<void>): Promise<unknown> {
    const copy = await mkdtemp(join(folder, 'bad-'));
    await cp(deps.dataset, copy, { recursive: true });
    await damage(copy);
    const trial = trialOf({ deps: { dataset: copy, split: deps.split } });
    return run(trial.context);
  }

  test('a mask of another size is named beside its image', async () => {
    const bad = { width: 36, height: 44, channels: 1, pixels: new Uint8Array(36 * 44).fill(40) };
    const png = await encodePng(bad);
    expect(
      await faultsWith((dataset) => writeFile(join(dataset, 'annotations/place.2_mask.png'), png)),
    ).toMatchObject({
      ok: false,
      faults: [
        {
          code: 'ERS_SIZE_MISMATCH',
          message: 'The image is 44×36 pixels and its mask is 36×44; expected equal sizes.',
          place: { file: 'images/place.2_6.png' },
          also: { file: 'annotations/place.2_mask.png' },
        },
      ],
    });
  });

  test('a value of no class is named with its pixel', async () => {
    const mask = maskOf(4);
    mask.pixels[44 * 3 + 7] = 77;
    const png = await encodePng(mask);
    expect(
      await faultsWith((dataset) => writeFile(join(dataset, 'annotations/place.4_mask.png'), png)),
    ).toMatchObject({
      ok: false,
      faults: [
        {
          code: 'ERS_MASK_VALUE',
          message: 'The mask has the value 77, which no class has.',
          place: { file: 'annotations/place.4_mask.png', pixel: { x: 7, y: 3 } },
        },
      ],
    });
  });

  test('a missing image is named', async () => {
    expect(await faultsWith((dataset) => rm(join(dataset, 'images/place.2_7.png')))).toMatchObject({
      ok: false,
      faults: [{ code: 'ERS_INPUT_MISSING', place: { file: 'images/place.2_7.png' } }],
    });
  });
});
