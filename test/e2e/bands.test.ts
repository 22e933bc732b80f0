import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../base/random.ts';
import { readSafetensors, writeSafetensors } from '../../formats/safetensors.ts';
import { Graph } from '../../nn/graph/graph.ts';
import { initialState } from '../../nn/initial-state.ts';
import { unet } from '../../nn/unet.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { tiff } from '../imaging/tiff.ts';
import { Project } from './project.ts';

const images = 'tiles/images';
let good: Project;
beforeAll(async () => {
  good = Project.create({ 'demo.size': 32 });
  expect((await good.run('synthesize')).code).toBe(0);
  cpSync(good.stored('synthesize', 'dataset'), good.path('tiles'), { recursive: true });
  good.set({ 'dataset.root': 'tiles' });
});

/** Writes each image of the dataset anew. */
async function rewrite(
  project: Project,
  ending: string,
  make: (rgb: Uint8Array, width: number, height: number) => Promise<Buffer> | Buffer,
): Promise<void> {
  for (const name of readdirSync(project.path(images))) {
    const path = project.path(images, name);
    const { data, info } = await sharp(readFileSync(path)).raw().toBuffer({ resolveWithObject: true });
    rmSync(path);
    project.write(join(images, name.replace('png', ending)), await make(data, info.width, info.height));
  }
}

function jsonOf(project: Project, stage: string, ...names: readonly string[]): unknown {
  return JSON.parse(readFileSync(project.path('artifacts', stage, ...names), 'utf8'));
}

test('grey images are trained on from an encoder that saw colours, and scored', async () => {
  const project = good.copy();
  await rewrite(project, 'png', (rgb, width, height) =>
    sharp(rgb, { raw: { width, height, channels: 3 } })
      .toColourspace('b-w')
      .png()
      .toBuffer(),
  );
  const refused = await project.run();
  expect(refused.code).toBe(1);
  expect(refused.out).toContain('The image is an 8-bit grey PNG; expected 8-bit RGB.');
  expect(refused.out).toContain('Or set `image.channels` to 1.');

  await prepareRandom();
  const colours = unet(new Graph(), {
    encoder: 'resnet18',
    inChannels: 3,
    classes: 2,
    decoderChannels: [8, 8, 8, 8, 8],
  });
  const tensors = toStateDict(colours.parameters, initialState(colours.parameters, 3), 1);
  await writeSafetensors(project.path('colours.safetensors'), { tensors, metadata: {} });
  project.set({ 'image.channels': 1, 'model.encoder_weights': 'colours.safetensors' });
  const told = await project.run();
  expect(told.code, told.out).toBe(0);
  expect(jsonOf(project, 'shards', 'train', 'dataset.json')).toMatchObject({ channels: 1 });
  expect(jsonOf(project, 'train', 'model', 'model.json')).toMatchObject({
    architecture: { in_channels: 1 },
    normalisation: { mean: [expect.closeTo(0.449, 9)] },
  });
  const weights = await readSafetensors(project.path('artifacts/train/model/model.safetensors'));
  expect(weights.ok && weights.value.tensors.get('encoder.conv1.weight')?.shape).toEqual([64, 1, 7, 7]);
  expect(jsonOf(project, 'evaluate', 'metrics.json')).toHaveProperty('test_iou');
});

test('four bands of TIFFs are trained on and scored', async () => {
  const project = good.copy();
  await rewrite(project, 'tif', (rgb, width, height) =>
    tiff({
      width,
      height,
      bands: 4,
      grey: true,
      extra: [0, 0, 0],
      pixels: Uint8Array.from({ length: width * height * 4 }, (_, at) =>
        at % 4 === 3
          ? 255 - (rgb[Math.floor(at / 4) * 3] ?? 0)
          : (rgb[Math.floor(at / 4) * 3 + (at % 4)] ?? 0),
      ),
    }),
  );
  project.set({ 'image.channels': 4, 'names.images': 'images/{name}_{period}.tif' });
  const told = await project.run();
  expect(told.code, told.out).toBe(0);
  expect(jsonOf(project, 'train', 'model', 'model.json')).toMatchObject({
    architecture: { in_channels: 4 },
    normalisation: { mean: [0.485, 0.456, 0.406, 0.485] },
  });
  expect(jsonOf(project, 'evaluate', 'metrics.json')).toHaveProperty('test_iou');
});
