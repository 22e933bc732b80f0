import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { writeNpy } from '../../../formats/npy.ts';
import { readModelFolder } from '../../../nn/weights/model-folder.ts';
import { openDataset } from '../../../stages/shards/reader/dataset.ts';
import { definition } from '../../../stages/train/definition.ts';
import { run } from '../../../stages/train/run.ts';
import { installLimit } from '../../runtime/installed.ts';
import { stageContext } from '../../stages/context.ts';
import { trainParams } from '../../stages/train/params.ts';
import { makeShards } from '../../stages/train/shards.ts';
import { runtimeForTests } from '../tensorflow.ts';
import { predictions } from './predictions.ts';

const python = process.env['PYTHON'] ?? 'python3';
const peers = fileURLToPath(new URL('../../../bench/peers', import.meta.url));
const imported = spawnSync(python, ['-c', 'import safetensors, smp_import'], {
  env: { ...process.env, PYTHONPATH: peers, PYTHONDONTWRITEBYTECODE: '1' },
});

const size = 64;
const [samples, classes] = [4, 3];
const params = trainParams({ schedule: { T_max: 4 }, train: { batch_size: 4, max_epochs: 4 } });

interface Comparison {
  readonly keys: number;
  readonly num_batches_tracked: readonly number[];
  readonly trained: number;
  readonly largest_logit: number;
  readonly largest_difference: number;
  readonly pixels: number;
  readonly classes_seen: number;
  readonly different_pixels: number;
}

// Needs real PyTorch and smp: bench/peers/README.md says how to make a Python with them; PYTHON=… names it.
describe.skipIf(imported.status !== 0)('a model folder in real smp', () => {
  let folder = '';
  let runtime = '';
  beforeAll(async () => {
    await prepareRandom();
    runtime = await runtimeForTests();
    folder = mkdtempSync(join(tmpdir(), 'ers-smp-load-'));
  }, installLimit);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('smp loads model.safetensors as it is, every key, and predicts what we predict', async () => {
    const train = await makeShards(folder, { set: 'train', samples: 12, size, classes });
    const val = await makeShards(folder, { set: 'val', samples, size, classes });
    const trial = stageContext({ definition, params, deps: { train, val }, runtime });
    expect(await run(trial.context)).toEqual({ ok: true, value: { status: 'done' } });
    const modelDir = trial.outs['model'] ?? '';

    const dataset = await openDataset(val, 'val');
    const { images } = await dataset.read(Array.from({ length: samples }, (_, at) => at));
    await dataset.close();
    const { found, logits } = await predictions(modelDir, runtime, images, samples);
    const files = ['images', 'logits', 'classes'].map((name) => join(folder, `${name}.npy`));
    [
      writeNpy([samples, size, size, 3], images),
      writeNpy([samples, size, size, classes], logits),
      writeNpy([samples, size, size], found),
    ].forEach((bytes, at) => writeFileSync(files[at] ?? '', bytes));

    const peer = spawnSync(python, [join(peers, 'smp_load.py'), modelDir, ...files], { encoding: 'utf8' });
    expect(peer.status, peer.stderr).toBe(0);
    const comparison = JSON.parse(peer.stdout) as Comparison;
    // It is a model that says something: else equal predictions would show little.
    expect(comparison.classes_seen).toBeGreaterThan(1);
    expect(comparison.pixels).toBe(samples * size * size);
    // Rounding of fp32 beside double precision.
    expect(comparison.largest_difference).toBeLessThan(1e-4 * comparison.largest_logit);
    expect(comparison.different_pixels).toBe(0);
    const model = await readModelFolder(modelDir);
    expect(comparison.trained).toBe(model.ok && model.value.model.parameters);
    expect(comparison.num_batches_tracked).toHaveLength(1);
    trial.remove();
  });
});
