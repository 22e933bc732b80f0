import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { runtimeForTests } from '../../nn/tensorflow.ts';
import { installLimit } from '../../runtime/installed.ts';
import { makeShards } from './shards.ts';

/** What the trainings of a file of tests have in common; filled in before the first one. */
export interface Ground {
  readonly folder: string;
  readonly runtime: string;
  readonly deps: Readonly<Record<string, string>>;
}

/** A folder with 10 train and some val samples of 32×32 in 3 classes, and TensorFlow; the folder goes after the last test. */
export function trainingGround(valSamples: number): Ground {
  const ground = { folder: '', runtime: '', deps: {} };
  beforeAll(async () => {
    await prepareRandom();
    ground.runtime = await runtimeForTests();
    ground.folder = mkdtempSync(join(tmpdir(), 'ers-train-test-'));
    const of = (set: string, samples: number) =>
      makeShards(ground.folder, { set, samples, size: 32, classes: 3 });
    ground.deps = { train: await of('train', 10), val: await of('val', valSamples) };
  }, installLimit);
  afterAll(() => rmSync(ground.folder, { recursive: true }));
  return ground;
}
