import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { prepareRandom, randomAt } from '../../../base/random.ts';
import { writeNpy } from '../../../formats/npy.ts';
import type { EncoderName } from '../../../nn/encoders/encoder.ts';
import { definition } from '../../../stages/package/definition.ts';
import { run } from '../../../stages/package/run.ts';
import { predictions } from '../../nn/weights/predictions.ts';
import { runtimeForTests } from '../../nn/tensorflow.ts';
import { installLimit } from '../../runtime/installed.ts';
import { stageContext } from '../context.ts';
import { writeModel } from './model.ts';

const peers = fileURLToPath(new URL('../../../bench/peers', import.meta.url));
const env = { ...process.env, PYTHONPATH: peers, PYTHONDONTWRITEBYTECODE: '1' };
const smpPython = process.env['PYTHON'] ?? 'python3';
const tensorFlowPython = process.env['TF_PYTHON'] ?? 'python3';
const imports = (python: string, module: string) =>
  spawnSync(python, ['-c', `import ${module}`], { env }).status === 0;
const hasSmp = imports(smpPython, 'safetensors, smp_import');
const hasTensorFlow = imports(tensorFlowPython, 'tensorflow');

interface Comparison {
  readonly largest_logit: number;
  readonly largest_difference: number;
  readonly classes_seen: number;
  readonly different_pixels: number;
}

// Needs real smp, or real TensorFlow for Python: bench/peers/README.md says how to have them.
describe.skipIf(!hasSmp && !hasTensorFlow)('a packaged model in other people’s software', () => {
  let folder = '';
  let runtime = '';
  beforeAll(async () => {
    await prepareRandom();
    runtime = await runtimeForTests();
    folder = mkdtempSync(join(tmpdir(), 'ers-package-peers-'));
  }, installLimit);
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => void vi.stubGlobal('ERS_VERSION', '0.0.0'));

  async function compare(script: string, python: string, encoder: EncoderName, channels: number) {
    const model = join(folder, `${script}-${encoder}-${channels}`);
    const { height, width, classes } = await writeModel(model, { encoder, channels });
    const trial = stageContext({
      definition,
      params: {
        classes: [9, 40, 200].map((value) => ({ value, name: `class ${value}`, colour: '#000000' })),
      },
      deps: { model },
    });
    expect((await run(trial.context)).ok).toBe(true);
    const random = randomAt('test-package-peers', channels);
    const images = Uint8Array.from({ length: 2 * height * width * channels }, () => random.integer(0, 255));
    const { found, logits } = await predictions(model, runtime, images, 2);
    const files = [
      writeNpy([2, height, width, channels], images),
      writeNpy([2, height, width, classes], logits),
      writeNpy([2, height, width], found),
    ].map((bytes, at) => {
      const path = join(folder, `${at}.npy`);
      writeFileSync(path, bytes);
      return path;
    });
    const args = [join(peers, script), trial.outs['model'] ?? '', ...files];
    const peer = spawnSync(python, args, { encoding: 'utf8', env });
    trial.remove();
    expect(peer.status, peer.stderr).toBe(0);
    const comparison = JSON.parse(peer.stdout.trim().split('\n').at(-1) ?? '') as Comparison;
    expect(comparison.classes_seen).toBe(2);
    expect(comparison.largest_difference).toBeLessThan(1e-4 * comparison.largest_logit);
    return comparison;
  }

  test.skipIf(!hasSmp).each([
    ['resnet18', 1],
    ['resnet50', 3],
  ] as const)(
    'smp loads the weights of a %s for %i channels as they are and predicts the same',
    async (encoder, channels) => {
      const { different_pixels: different } = await compare('smp_load.py', smpPython, encoder, channels);
      // Where two random logits all but agree, double precision may decide otherwise.
      expect(different).toBeLessThanOrEqual(4);
    },
  );

  test.skipIf(!hasTensorFlow)(
    'tf.saved_model.load of Python serves it for any number of images',
    async () => {
      const compared = await compare('saved_model_load.py', tensorFlowPython, 'resnet18', 4);
      expect(compared).toMatchObject({
        inputs: { images: ['(None, 32, 64, 4)', 'uint8'] },
        outputs: {
          classes: ['(None, 32, 64)', 'uint8'],
          logits: ['(None, 32, 64, 2)', 'float32'],
          probabilities: ['(None, 32, 64, 2)', 'float32'],
        },
        different_pixels: 0,
        sums_to_one: true,
      });
    },
  );
});
