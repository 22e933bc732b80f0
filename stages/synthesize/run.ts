import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok } from '../../base/fault.ts';
import { prepareRandom, randomAt } from '../../base/random.ts';
import type { StageRun } from '../../engine/stage.ts';
import { encodePng } from '../../imaging/encode.ts';
import { photograph } from './camera.ts';
import type { definition } from './definition.ts';
import { seedOf } from './frame.ts';
import { kindOf } from './kinds.ts';
import { planLandscape } from './landscape.ts';
import { nameOf } from './names.ts';
import { SEASONS } from './season.ts';
import { lightOf, maskOf, surveyGround } from './survey.ts';

/** Writes `images/NAME_6.png`, `NAME_7.png`, `NAME_8.png` and `annotations/NAME_mask.png` for each place. */
export const run: StageRun<typeof definition> = async (context) => {
  const { seed, places, size } = context.params.demo;
  const dataset = context.outs['dataset'] as string | undefined;
  if (dataset === undefined) throw new Error('Internal error: no path for dataset');
  await mkdir(join(dataset, 'images'));
  await mkdir(join(dataset, 'annotations'));
  await prepareRandom();
  for (let place = 0; place < places; place += 1) {
    if (context.signal.aborted) return ok({ status: 'stopped' });
    const name = nameOf(place);
    const ground = surveyGround(planLandscape(seed, name, kindOf(place)), size);
    const pictures = SEASONS.map(async (season) => {
      const sensor = seedOf(randomAt('synthesize', seed, name, 'sensor', season.month));
      const image = photograph(lightOf(ground, season), size, season, sensor);
      await writeFile(join(dataset, 'images', `${name}_${season.month}.png`), await encodePng(image));
    });
    const mask = encodePng(maskOf(ground));
    await Promise.all(pictures);
    await writeFile(join(dataset, 'annotations', `${name}_mask.png`), await mask);
    context.emit({ type: 'progress', label: 'draw', done: place + 1, total: places, unit: 'places' });
  }
  return ok({ status: 'done' });
};
