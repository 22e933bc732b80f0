import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomAt } from '../../../base/random.ts';
import { writeNpy } from '../../../formats/npy.ts';
import { writeTar, type TarEntry } from '../../../formats/tar.ts';
import { classHistogram } from '../../../stages/shards/histogram.ts';

export interface ShardOptions {
  readonly set: string;
  readonly samples: number;
  readonly size: number;
  readonly classes: number;
  readonly perShard?: number;
}

/**
 * Shards as the shards stage writes them, of pictures that can be learnt: discs of one class on a ground of another, each
 * class with a colour of its own and some noise. Returns the folder. Await `prepareRandom()` first.
 */
export async function makeShards(parent: string, options: ShardOptions): Promise<string> {
  const { set, samples, size, classes, perShard = 5 } = options;
  const dir = join(parent, set);
  mkdirSync(dir, { recursive: true });
  const shards: { file: string; samples: number }[] = [];
  const histogram = Array<number>(classes).fill(0);
  for (let first = 0; first < samples; first += perShard) {
    const file = `shard-${String(shards.length).padStart(5, '0')}.tar`;
    const count = Math.min(perShard, samples - first);
    const entries = Array.from({ length: count }, (_, index) => sample(set, first + index, size, classes));
    for (const { mask } of entries) {
      classHistogram(mask, classes).forEach((pixels, at) => (histogram[at] = (histogram[at] ?? 0) + pixels));
    }
    await writeTar(
      join(dir, file),
      entries.flatMap(({ files }) => files),
    );
    shards.push({ file, samples: count });
  }
  const table = Array.from({ length: classes }, (_, index) => ({ value: index, train: index }));
  const info = { version: 1, set, samples, height: size, width: size, channels: 3, classes: table };
  const all = { ...info, ignore: 255, histogram, periods: [], shards };
  writeFileSync(join(dir, 'dataset.json'), `${JSON.stringify(all, undefined, 2)}\n`);
  return dir;
}

function sample(
  set: string,
  index: number,
  size: number,
  classes: number,
): { readonly mask: Uint8Array; readonly files: readonly TarEntry[] } {
  const random = randomAt('test/shards', set, index);
  const ground = random.integer(0, classes - 1);
  const disc = random.integer(0, classes - 1);
  const [x, y, radius] = [random.next() * size, random.next() * size, (0.2 + random.next() / 4) * size];
  const image = new Uint8Array(size * size * 3);
  const mask = new Uint8Array(size * size);
  for (let pixel = 0; pixel < mask.length; pixel += 1) {
    const [dx, dy] = [(pixel % size) - x, Math.floor(pixel / size) - y];
    const label = dx * dx + dy * dy < radius * radius ? disc : ground;
    mask[pixel] = pixel < size ? 255 : label;
    for (let channel = 0; channel < 3; channel += 1) {
      image[pixel * 3 + channel] = ((label * 67 + channel * 91) % 200) + random.integer(0, 55);
    }
  }
  const key = `${set}-${String(index).padStart(6, '0')}`;
  const facts = { name: key, period: '', image: `images/${key}.png`, mask: `annotations/${key}.png` };
  const files = [
    { name: `${key}.image.npy`, bytes: writeNpy([size, size, 3], image) },
    { name: `${key}.mask.npy`, bytes: writeNpy([size, size], mask) },
    { name: `${key}.json`, bytes: Buffer.from(JSON.stringify(facts)) },
  ];
  return { mask, files };
}
