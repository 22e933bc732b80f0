import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { installedRuntime, installLimit } from '../runtime/installed.ts';
import { Project, type Told } from './project.ts';
import { realData } from './real-data.ts';

beforeAll(async () => {
  await installedRuntime();
}, installLimit);

/** A project with one of `configs/` made small, and the files of the dataset that begin with one of `names`. */
function projectOf(name: string, source: string, names: readonly string[]): Project {
  const project = Project.create({}, `configs/${name}.yaml`);
  for (const folder of ['images', 'annotations']) {
    mkdirSync(project.path('data', name, folder), { recursive: true });
    for (const file of readdirSync(join(source, folder))) {
      if (!names.some((prefix) => file.startsWith(prefix))) continue;
      cpSync(join(source, folder, file), project.path('data', name, folder, file));
    }
  }
  return project;
}

function namesOf(source: string, count: number): readonly string[] {
  const masks = readdirSync(join(source, 'annotations')).sort();
  return masks.slice(0, count).map((file) => file.replace('_mask.png', ''));
}

function readJson(project: Project, path: string): unknown {
  return JSON.parse(project.read(join('artifacts', path)));
}

const made = {
  scan: 'made',
  split: 'made',
  shards: 'made',
  train: 'made',
  evaluate: 'made',
  package: 'made',
};
const cached = {
  scan: 'cached',
  split: 'cached',
  shards: 'cached',
  train: 'cached',
  evaluate: 'cached',
  package: 'cached',
};

async function expectSecondRunCached(project: Project): Promise<void> {
  const second: Told = await project.run();
  expect(second.code).toBe(0);
  expect(second.story).toEqual(cached);
}

const seasons = realData('seasons');
test.skipIf(seasons === undefined)(
  'seasons: three images a mask, from imagery to a score by config alone; images of a mask never part',
  async () => {
    const source = seasons ?? '';
    const project = projectOf('seasons', source, namesOf(source, 10));
    const told = await project.run();
    expect(told.code, told.out + told.err).toBe(0);
    expect(told.story).toEqual(made);
    expect(readJson(project, 'scan/catalog.json')).toMatchObject({ periods: ['6', '7', '8'] });
    const sets = ['train', 'val', 'test'].map((set) =>
      project.read(`artifacts/split/${set}.csv`).trimEnd().split('\n').slice(1),
    );
    expect(sets.flat()).toHaveLength(30);
    const masksOf = sets.map((rows) => new Set(rows.map((row) => row.split(',')[1])));
    expect(masksOf.reduce((sum, masks) => sum + masks.size, 0)).toBe(10);
    expect(sets.map((rows) => rows.length % 3)).toEqual([0, 0, 0]);
    expect(readJson(project, 'evaluate/metrics.json')).toMatchObject({
      test_iou: expect.any(Number) as unknown,
      per_period: {
        '6': { iou: expect.any(Number) as unknown },
        '7': { iou: expect.any(Number) as unknown },
        '8': { iou: expect.any(Number) as unknown },
      },
    });
    await expectSecondRunCached(project);
  },
);

test.skipIf(seasons === undefined)(
  'seasons, stacked: the three dates of a place are one sample of nine bands, from imagery to a score',
  async () => {
    const source = seasons ?? '';
    const project = projectOf('seasons', source, namesOf(source, 10));
    project.set({
      'image.periods': 'stack',
      'train.batch_size': 4,
      'train.max_epochs': 1,
      'loss.class_weights': 'auto',
    });
    const told = await project.run();
    expect(told.code, told.out + told.err).toBe(0);
    expect(told.story).toEqual(made);
    expect(told.out).toContain('loss.class_weights: auto gives ');
    expect(readJson(project, 'shards/train/dataset.json')).toMatchObject({
      channels: 9,
      stacked_periods: ['6', '7', '8'],
    });
    expect(readJson(project, 'train/model/model.json')).toMatchObject({
      architecture: { in_channels: 9 },
      stacked_periods: ['6', '7', '8'],
      normalisation: { mean: [1, 2, 3].flatMap(() => [0.485, 0.456, 0.406]) },
    });
    const places = project.read('artifacts/split/test.csv').trimEnd().split('\n').length - 1;
    expect(readJson(project, 'evaluate/metrics.json')).toMatchObject({
      test_set: { samples: places / 3 },
      per_period: {},
      test_iou: expect.any(Number) as number,
    });
    const [picture] = readdirSync(project.path('artifacts/evaluate/pictures'));
    const drawn = await sharp(project.path('artifacts/evaluate/pictures', picture ?? '')).metadata();
    // Three dates, truth, prediction and error of 32 pixels, with four between.
    expect([drawn.width, drawn.height]).toEqual([6 * 32 + 5 * 4, 32]);
    expect(project.read('artifacts/evaluate/report.html')).toContain('the dates 6, 7, 8, truth,');

    // One date of a place is gone: nothing is trained on the bands of another.
    const lost = project.path('data/seasons/images', `${namesOf(source, 1)[0] ?? ''}_7.png`);
    rmSync(lost);
    const refused = await project.run();
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('The mask lacks an image of a period: expected images/');
  },
);

const monterey = realData('monterey');
test.skipIf(monterey === undefined)(
  'monterey: one JPEG a mask, other names, class 0 ignored, from imagery to a score by config alone',
  async () => {
    const source = monterey ?? '';
    const project = projectOf('monterey', source, namesOf(source, 14));
    const told = await project.run();
    expect(told.code, told.out + told.err).toBe(0);
    expect(told.story).toEqual(made);
    const catalog = readJson(project, 'scan/catalog.json') as {
      readonly classes: readonly { readonly value: number; readonly train: number | null }[];
      readonly masks: readonly { readonly images: readonly unknown[]; readonly group: string }[];
    };
    expect(catalog.classes.filter(({ train }) => train === null)).toEqual([{ value: 0, train: null }]);
    expect(catalog.masks).toHaveLength(14);
    for (const { images, group } of catalog.masks) {
      expect(images).toHaveLength(1);
      expect(group.split(',')).not.toContain('0');
    }
    expect(readJson(project, 'train/model/model.json')).toMatchObject({
      architecture: { classes: 11 },
      height: 32,
      width: 32,
    });
    expect(readJson(project, 'evaluate/metrics.json')).toMatchObject({
      test_iou: expect.any(Number) as unknown,
      commonest_class_iou: expect.any(Number) as unknown,
    });
    await expectSecondRunCached(project);
  },
);
