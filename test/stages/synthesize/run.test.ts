import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { decodeImage, decodeMask } from '../../../imaging/decode.ts';
import type { Raster } from '../../../imaging/raster.ts';
import { definition } from '../../../stages/synthesize/definition.ts';
import { run } from '../../../stages/synthesize/run.ts';
import { stageContext } from '../context.ts';

const opened: { remove(): void }[] = [];
afterEach(() => opened.splice(0).forEach((trial) => trial.remove()));

async function draw(demo: { seed: number; places: number; size: number }, cores = 2) {
  const trial = stageContext({ definition, params: { demo }, cores });
  opened.push(trial);
  const result = await run(trial.context);
  expect(result).toEqual({ ok: true, value: { status: 'done' } });
  const folder = trial.outs['dataset'] ?? '';
  const read = async (path: string): Promise<Raster> => {
    const decoded = await (path.startsWith('annotations') ? decodeMask : decodeImage)(
      join(folder, path),
      path,
    );
    if (!decoded.ok) throw new Error(`${path} cannot be read`);
    return decoded.value;
  };
  return { folder, read, events: trial.events };
}

function filesOf(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.png'))
    .sort();
}

function bytesOf(folder: string): readonly string[] {
  return filesOf(folder).map((path) => `${path} ${sha256(readFileSync(join(folder, path)))}`);
}

test('each place is three images and one mask in the reference layout', async () => {
  const { folder, read, events } = await draw({ seed: 7, places: 2, size: 48 });
  expect(filesOf(folder)).toEqual([
    'annotations/alder_brook_mask.png',
    'annotations/flint_farm_mask.png',
    'images/alder_brook_6.png',
    'images/alder_brook_7.png',
    'images/alder_brook_8.png',
    'images/flint_farm_6.png',
    'images/flint_farm_7.png',
    'images/flint_farm_8.png',
  ]);
  expect(await read('images/alder_brook_6.png')).toMatchObject({ width: 48, height: 48, channels: 3 });
  expect(await read('annotations/alder_brook_mask.png')).toMatchObject({
    width: 48,
    height: 48,
    channels: 1,
  });
  expect(events).toEqual(
    [1, 2].map((done) => ({ type: 'progress', label: 'draw', done, total: 2, unit: 'places' })),
  );
});

test('the pixels are the ones they always were, on every version of Node', async () => {
  const { folder, read } = await draw({ seed: 7, places: 6, size: 32 });
  const pixels: Uint8Array[] = [];
  for (const path of filesOf(folder)) pixels.push((await read(path)).pixels);
  expect(sha256(...pixels)).toMatchInlineSnapshot(
    `"5b39ffe67f5920903611989bdc0f278f4a38dc6ee82672b3799707790e4c8950"`,
  );
});

test('the same seed gives the same files with any number of cores, another seed other ones', async () => {
  const first = await draw({ seed: 7, places: 2, size: 32 }, 1);
  const again = await draw({ seed: 7, places: 2, size: 32 }, 4);
  const other = await draw({ seed: 8, places: 2, size: 32 });
  expect(bytesOf(again.folder)).toEqual(bytesOf(first.folder));
  expect(bytesOf(other.folder)).not.toEqual(bytesOf(first.folder));
});

test('a place does not change when there are more of them', async () => {
  const few = await draw({ seed: 7, places: 1, size: 32 });
  const more = await draw({ seed: 7, places: 3, size: 32 });
  expect(bytesOf(more.folder)).toEqual(expect.arrayContaining([...bytesOf(few.folder)]));
});

test.for([7, 1, 2024])(
  'with seed %i groups are as planned, rare classes rare and none is dominant',
  async (seed) => {
    const { folder, read } = await draw({ seed, places: 24, size: 64 });
    const totals = new Array<number>(7).fill(0);
    const groups: Record<string, number> = {};
    for (const path of filesOf(folder).filter((file) => file.startsWith('annotations'))) {
      const { pixels } = await read(path);
      for (const value of pixels) totals[value] = (totals[value] ?? 0) + 1;
      const group = [...new Set(pixels)].sort().join(',');
      groups[group] = (groups[group] ?? 0) + 1;
    }
    expect(groups).toEqual({
      '2,3,4,6': 6,
      '1,2,3,4,6': 7,
      '1,2,3,4,5,6': 6,
      '0,1,2,3,4,5,6': 3,
      '0,1,2,3,4': 2,
    });
    const shares = totals.map((count) => count / (24 * 64 * 64));
    expect(Math.max(...shares)).toBeLessThan(0.4);
    for (const rare of [0, 5]) {
      expect(shares[rare]).toBeGreaterThan(0.007);
      expect(shares[rare]).toBeLessThan(0.035);
    }
  },
);

test('the months of a place differ and share its mask', async () => {
  const { read } = await draw({ seed: 7, places: 1, size: 64 });
  const mask = await read('annotations/alder_brook_mask.png');
  const means = [];
  for (const month of [6, 7, 8]) {
    const image = await read(`images/alder_brook_${month}.png`);
    expect([image.width, image.height]).toEqual([mask.width, mask.height]);
    // Red minus green over meadow: grass dries from month to month.
    let sum = 0;
    let count = 0;
    for (const [at, value] of mask.pixels.entries()) {
      if (value !== 4) continue;
      sum += (image.pixels[at * 3] ?? 0) - (image.pixels[at * 3 + 1] ?? 0);
      count += 1;
    }
    means.push(sum / count);
  }
  const [june = 0, july = 0, august = 0] = means;
  expect(june).toBeLessThan(july - 5);
  expect(july).toBeLessThan(august - 3);
});

test('it stops between two places when it is asked to', async () => {
  const trial = stageContext({
    definition,
    params: { demo: { seed: 7, places: 3, size: 32 } },
    onEvent: () => trial.stop(),
  });
  opened.push(trial);
  expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'stopped' } });
  expect(trial.events).toHaveLength(1);
});
