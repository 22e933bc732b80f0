import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomAt } from '../../../base/random.ts';
import { encodePng } from '../../../imaging/encode.ts';
import type { Raster } from '../../../imaging/raster.ts';
import { storedJson } from '../../../base/stored-json.ts';
import type { SetName, SplitManifest } from '../../../stages/split/manifest.ts';
import type { ShardsParams } from '../../../stages/shards/steps.ts';

/** Class value 9 is ignored, 40 and 200 are trained as 0 and 1. */
const classes = [
  { value: 9, train: null },
  { value: 40, train: 0 },
  { value: 200, train: 1 },
];

/** The recipe with small pictures and shards. */
export function smallParams(change: Partial<ShardsParams['shards']> = {}): ShardsParams {
  return {
    image: { img_size: 32, channels: 3, periods: 'separate' },
    augment: {
      shift_scale_rotate: { p: 0.5, shift_limit: 0.0625, scale_limit: 0.2, rotate_limit: 35 },
      horizontal_flip: { p: 0.5 },
      vertical_flip: { p: 0.5 },
      one_of: {
        p: 0.35,
        optical_distortion: { p: 0.5, distort_limit: 0.05 },
        grid_distortion: { p: 0.5, num_steps: 5, distort_limit: 0.3 },
        gaussian_blur: { p: 0.5, blur_limit: [1, 3] },
        jpeg_compression: { p: 1, quality: [50, 100] },
      },
      brightness_contrast: { p: 0.5, brightness_limit: 0.1, contrast_limit: 0.07 },
    },
    mosaic: { p: 0.25 },
    shards: { seed: 17, copies: 3, samples_per_shard: 5, ...change },
  };
}

/** Writes a dataset of 6 places with 2 periods, 44×36 pixels, and a split of 4, 1 and 1; returns their paths. */
export async function writeDataset(
  folder: string,
): Promise<{ dataset: string; split: string; manifest: SplitManifest }> {
  const dataset = join(folder, 'dataset');
  const sets: readonly SetName[] = ['train', 'train', 'val', 'train', 'test', 'train'];
  const samples = await Promise.all(
    sets.map(async (set, index) => {
      const name = `place.${index}`;
      const mask = `annotations/${name}_mask.png`;
      await save(dataset, mask, maskOf(index));
      const images = await Promise.all(
        ['6', '7'].map(async (period) => {
          const path = `images/${name}_${period}.png`;
          await save(dataset, path, imageOf(index, period));
          return { period, path };
        }),
      );
      return { name, mask, images, group: '40,200', stratum: '40,200', set };
    }),
  );
  const manifest: SplitManifest = {
    version: 1,
    classes,
    ignore: 255,
    periods: ['6', '7'],
    seed: 1,
    samples,
    decisions: [],
  };
  const split = join(folder, 'split.json');
  await writeFile(split, storedJson(manifest));
  return { dataset, split, manifest };
}

export function imageOf(index: number, period: string): Raster {
  const random = randomAt('test-image', index, period);
  const pixels = Uint8Array.from({ length: 44 * 36 * 3 }, () => random.integer(0, 255));
  return { width: 44, height: 36, channels: 3, pixels };
}

export function maskOf(index: number): Raster {
  const random = randomAt('test-mask', index);
  const pixels = Uint8Array.from({ length: 44 * 36 }, () => classes[random.integer(0, 2)]?.value ?? 0);
  return { width: 44, height: 36, channels: 1, pixels };
}

async function save(dataset: string, path: string, raster: Raster): Promise<void> {
  await mkdir(dirname(join(dataset, path)), { recursive: true });
  await writeFile(join(dataset, path), await encodePng(raster));
}
