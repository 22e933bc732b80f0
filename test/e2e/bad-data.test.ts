import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { encodePng } from '../../imaging/encode.ts';
import { greyPng } from '../imaging/grey-png.ts';
import { filesBelow, Project, type Ended } from './project.ts';
import { realData } from './real-data.ts';

/** Its own dataset in `tiles/`, scanned and split. */
let good: Project;
beforeAll(async () => {
  good = Project.create();
  expect((await good.run('synthesize')).code).toBe(0);
  cpSync(good.stored('synthesize', 'dataset'), good.path('tiles'), { recursive: true });
  good.set({ 'dataset.root': 'tiles' });
  expect((await good.run('split')).code).toBe(0);
});

/** Everything that would tell of a half-written result. Times of last use, indexes and logs are none. */
function stateOf(project: Project) {
  const folders = ['attempts', 'current', 'incoming', 'manifests', 'quarantine', 'records', 'trees'];
  return {
    store: folders.map((name) => [name, filesBelow(project.path('.ers', name))]),
    artifacts: project.artifacts(),
  };
}

/** A message for a user holds no stack and names no module. */
const stack = /\sat (async )?\S+ \(|\.mjs|Internal error|node:/;

/** Runs and expects that it fails with the code, names all `parts`, and leaves everything as it was. */
async function expectRefusal(
  project: Project,
  args: readonly string[],
  code: number,
  parts: readonly string[],
) {
  const before = stateOf(project);
  const ended: Ended = await project.ers(['run', ...args]);
  const printed = ended.out + ended.err;
  for (const part of parts) expect(printed).toContain(part);
  expect(printed).not.toMatch(stack);
  expect(ended.code, printed).toBe(code);
  expect(stateOf(project)).toEqual(before);
}

const image = 'tiles/images/oak_stead_7.png';
const mask = 'tiles/annotations/oak_stead_mask.png';
const damage: readonly (readonly [
  what: string,
  change: (project: Project) => void | Promise<void>,
  parts: readonly string[],
])[] = [
  [
    'an image without mask',
    (project) => rmSync(project.path(mask)),
    [
      'images/oak_stead_7.png The image has no mask: expected annotations/oak_stead_mask.png. [ERS_IMAGE_WITHOUT_MASK]',
    ],
  ],
  [
    'a mask without any image',
    (project) => {
      for (const month of [6, 7, 8]) rmSync(project.path(`tiles/images/oak_stead_${month}.png`));
    },
    [
      'annotations/oak_stead_mask.png The mask has no image: expected images/oak_stead_6.png, images/oak_stead_7.png, images/oak_stead_8.png. [ERS_MASK_WITHOUT_IMAGE]',
    ],
  ],
  [
    'a mask that lacks the image of one month',
    (project) => rmSync(project.path(image)),
    [
      'annotations/oak_stead_mask.png The mask lacks an image of a period: expected images/oak_stead_7.png. [ERS_MASK_WITHOUT_IMAGE]',
    ],
  ],
  [
    'an image of another size than its mask',
    async (project) => {
      const pixels = new Uint8Array(64 * 48 * 3);
      project.write(image, await encodePng({ width: 64, height: 48, channels: 3, pixels }));
    },
    [
      'annotations/oak_stead_mask.png The mask is 64×64 and its image 64×48; expected the same size. [ERS_SIZE_MISMATCH]',
      'and images/oak_stead_7.png',
    ],
  ],
  [
    'a mask value that no class has',
    async (project) => {
      const pixels = new Uint8Array(64 * 64).fill(2);
      pixels.fill(9, 64 * 5 + 3, 64 * 5 + 10);
      project.write(mask, await encodePng({ width: 64, height: 64, channels: 1, pixels }));
    },
    [
      'annotations/oak_stead_mask.png, pixel (3, 5) Value 9 is no class: 7 pixels (0.17 %). Expected 0, 1, 2, 3, 4, 5, 6. [ERS_MASK_VALUE]',
      'add a row to classes: { value: 9,',
    ],
  ],
  [
    'a mask of colours',
    async (project) => {
      const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at % 3 === 0 ? 255 : 0));
      project.write(mask, await encodePng({ width: 64, height: 64, channels: 3, pixels }));
    },
    [
      'annotations/oak_stead_mask.png The mask is an 8-bit RGB PNG; it has 1 distinct colour, and expected were class values in one 8-bit grey channel. [ERS_MASK_FORMAT]',
    ],
  ],
  [
    'a mask with a palette of colours',
    (project) =>
      project.write(
        mask,
        greyPng({
          width: 64,
          height: 64,
          bits: 8,
          type: 3,
          rows: new Uint8Array(64 * 64).fill(1),
          palette: [0, 0, 0, 255, 0, 0, 0, 255, 0],
        }),
      ),
    ['annotations/oak_stead_mask.png The mask is ', 'a palette stands for colours', '[ERS_MASK_FORMAT]'],
  ],
  [
    'a truncated PNG',
    (project) => truncateSync(project.path(image), 2000),
    [
      'images/oak_stead_7.png The PNG ends early or is damaged',
      '[ERS_DECODE]',
      'Copy it again from its source',
    ],
  ],
  [
    'a 16-bit image',
    async (project) => {
      const picture = sharp(project.path(mask)).toColourspace('rgb16');
      project.write(image, await picture.png().toBuffer());
    },
    ['images/oak_stead_7.png The image is a 16-bit RGB PNG', '[ERS_IMAGE_FORMAT]'],
  ],
  [
    'a grey image',
    async (project) => {
      const pixels = new Uint8Array(64 * 64);
      project.write(image, await encodePng({ width: 64, height: 64, channels: 1, pixels }));
    },
    ['images/oak_stead_7.png The image is an 8-bit grey PNG', '[ERS_IMAGE_FORMAT]'],
  ],
  [
    'an empty dataset',
    (project) => {
      rmSync(project.path('tiles'), { recursive: true });
      mkdirSync(project.path('tiles'));
    },
    [
      'No file fits names.masks, which is "annotations/{name}_mask.png"; the dataset folder holds no file at all. [ERS_DATASET_EMPTY]',
    ],
  ],
  [
    'a pattern that fits no file',
    (project) => project.set({ 'names.masks': 'labels/{name}_mask.png' }),
    [
      'No file fits names.masks, which is "labels/{name}_mask.png"',
      'Did you mean names.masks: annotations/{name}_mask.png?',
    ],
  ],
];

test.for(damage)('%s: exit code 1, one clear message, nothing half-written', async ([, change, parts]) => {
  const project = good.copy();
  await change(project);
  await expectRefusal(project, [], 1, parts);
});

test('all that is wrong in a dataset is said at once, and a mended dataset runs', async () => {
  const project = good.copy();
  const bytes = readFileSync(project.path(image));
  rmSync(project.path('tiles/annotations/ash_lea_mask.png'));
  truncateSync(project.path(image), 100);
  await expectRefusal(project, ['split'], 1, ['[ERS_IMAGE_WITHOUT_MASK]', '[ERS_DECODE]']);
  project.write(image, bytes);
  cpSync(good.path('tiles/annotations/ash_lea_mask.png'), project.path('tiles/annotations/ash_lea_mask.png'));
  expect((await project.run('split')).story).toEqual({ scan: 'cached', split: 'cached' });
});

test('a dataset folder that is not there: exit code 2, the path, and where it was given', async () => {
  const project = good.copy();
  project.set({ 'dataset.root': 'data/nowhere' });
  const line = project.read('config.yaml').split('root: data/nowhere')[0]?.split('\n').length ?? 0;
  await expectRefusal(project, [], 2, [
    `config.yaml:${line}:9 The input \`dataset\` is missing: there is nothing at data/nowhere. [ERS_INPUT_MISSING]`,
  ]);
});

test('too few masks for three sets: exit code 1, and the former split stays', async () => {
  const project = good.copy();
  await expectRefusal(
    project,
    ['-S', 'split.train=0.98', '-S', 'split.val=0.01', '-S', 'split.test=0.01'],
    1,
    ['10 masks do not fill three sets with 0.98/0.01/0.01', '[ERS_TOO_FEW_MASKS]'],
  );
  const names = readdirSync(project.path('tiles/annotations')).map((name) => name.replace('_mask.png', ''));
  for (const name of names.slice(2)) {
    rmSync(project.path(`tiles/annotations/${name}_mask.png`));
    for (const month of [6, 7, 8]) rmSync(project.path(`tiles/images/${name}_${month}.png`));
  }
  const before = project.artifacts('artifacts/split');
  const ended = await project.ers(['run']);
  expect(ended.code).toBe(1);
  expect(ended.out).toContain('2 masks do not fill three sets with 0.7/0.15/0.15');
  expect(project.artifacts('artifacts/split')).toEqual(before);
});

const broken = realData('bad_masks');
test.skipIf(broken === undefined)(
  'real masks saved as colours, and images without any, are named',
  async () => {
    const project = good.copy();
    cpSync(broken ?? '', project.path('photographs'), { recursive: true });
    project.set({
      'dataset.root': 'photographs',
      'names.images': '{name}.jpg',
      'names.masks': '{name}_label.png',
    });
    await expectRefusal(project, [], 1, [
      'cropped3_36.jpg The image has no mask: expected cropped3_36_label.png. [ERS_IMAGE_WITHOUT_MASK]',
      'cropped2_18_label.png The mask is an 8-bit RGB PNG; it has 4 distinct colours',
      'cropped2_24_label.png The mask is an 8-bit RGB PNG; it has 5 distinct colours',
    ]);
  },
);

test('a full disk is said, nothing is recorded, and with more space the same command works', async (context) => {
  const project = Project.create();
  const disk = project.path('disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'ers', disk], { encoding: 'utf8' });
  context.skip(mounted.status !== 0, `mount is not permitted here: ${mounted.stderr}`);
  onTestFinished(() => void spawnSync('umount', [disk]));
  const full = await project.ers(['run', 'scan'], { ERS_STORE: join(disk, 'store') });
  expect(full.code).toBe(1);
  expect(full.out).toContain(
    'No space was left on the disk while synthesize ran; nothing was recorded. [ERS_DISK_FULL]',
  );
  expect(full.out).not.toMatch(stack);
  expect(full.out).toMatch(/^scan +skipped +because of synthesize$/m);
  // Which projects use a store is known before anything is made: `ers gc` asks each what it needs.
  expect(filesBelow(disk).filter((file) => !file.startsWith('store/roots/'))).toEqual(['store/.gitignore']);
  expect(project.artifacts()).toEqual({});
  expect(spawnSync('mount', ['-o', 'remount,size=50m', disk]).status).toBe(0);
  const after = await project.ers(['run', 'scan'], { ERS_STORE: join(disk, 'store') });
  expect(after.code, after.out).toBe(0);
  expect(after.out).toMatch(/2 stages, 2 made\n$/);
});
