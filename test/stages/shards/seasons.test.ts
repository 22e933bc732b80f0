import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byCodeUnit } from '../../../base/canonical.ts';
import { parseNpy } from '../../../formats/npy.ts';
import { readTar } from '../../../formats/tar.ts';
import { decodeImage } from '../../../imaging/decode.ts';
import { resizeLinear } from '../../../imaging/resize.ts';
import { storedJson } from '../../../base/stored-json.ts';
import { definition } from '../../../stages/shards/definition.ts';
import { run } from '../../../stages/shards/run.ts';
import { stageContext } from '../context.ts';
import { smallParams } from './dataset.ts';

const seasons = new URL('../../../../shared/data/seasons', import.meta.url).pathname;
const places = 6;

describe.skipIf(!existsSync(seasons))(
  'prairie tiles of three months (skipped where ../shared/data is absent)',
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ers-seasons-'));
    });
    afterAll(async () => {
      await rm(folder, { recursive: true });
    });

    test('six places become 36 training samples and 3 for validation and test each', async () => {
      const masks = (await readdir(join(seasons, 'annotations'))).sort(byCodeUnit).slice(0, places);
      const samples = masks.map((mask, index) => {
        const name = mask.slice(0, -'_mask.png'.length);
        const images = ['6', '7', '8'].map((period) => ({ period, path: `images/${name}_${period}.png` }));
        const set = index < 4 ? 'train' : index === 4 ? 'val' : 'test';
        return { name, mask: `annotations/${mask}`, images, group: '0', stratum: '0', set };
      });
      const split = join(folder, 'split.json');
      const classes = [0, 1, 2, 3, 4].map((value) => ({ value, train: value }));
      const manifest = {
        version: 1,
        classes,
        ignore: 255,
        periods: ['6', '7', '8'],
        seed: 1,
        samples,
        decisions: [],
      };
      await writeFile(split, storedJson(manifest));
      const trial = stageContext({
        definition,
        params: {
          ...smallParams({ copies: 3, samples_per_shard: 256 }),
          image: { img_size: 64, channels: 3, periods: 'separate' },
        },
        deps: { dataset: seasons, split },
        cores: 2,
      });
      try {
        expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'done' } });
        const counts = await Promise.all(
          ['train', 'val', 'test'].map(async (set) => {
            const text = await readFile(join(trial.outs[set] ?? '', 'dataset.json'), 'utf8');
            return (JSON.parse(text) as { samples: number }).samples;
          }),
        );
        expect(counts).toEqual([36, 3, 3]);

        const first = new Map<string, Uint8Array>();
        for await (const { name, bytes } of readTar(join(trial.outs['val'] ?? '', 'shard-00000.tar'))) {
          first.set(name, bytes);
        }
        const image = parseNpy(first.get('00000000.image.npy') ?? new Uint8Array(), 'image');
        const path = samples[4]?.images[0]?.path ?? '';
        const original = await decodeImage(join(seasons, path), path);
        if (!image.ok || !original.ok) throw new Error('expected two pictures');
        expect(image.value.shape).toEqual([64, 64, 3]);
        expect([...image.value.data]).toEqual([...resizeLinear(original.value, 64, 64).pixels]);
        for await (const { name, bytes } of readTar(join(trial.outs['train'] ?? '', 'shard-00000.tar'))) {
          if (!name.endsWith('.mask.npy')) continue;
          const mask = parseNpy(bytes, name);
          expect(mask.ok && [...new Set(mask.value.data)].every((index) => index < 5)).toBe(true);
        }
      } finally {
        trial.remove();
      }
    });
  },
);
