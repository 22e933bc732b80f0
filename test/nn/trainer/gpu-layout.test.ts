import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { encodeSavedModel } from '../../../nn/graph/saved-model.ts';
import { weightedLoss } from '../../../nn/losses/weighted.ts';
import { normalisation } from '../../../nn/normalisation.ts';
import { adam } from '../../../nn/optimizers/adam.ts';
import type { Precision } from '../../../nn/precision.ts';
import { evalProgram } from '../../../nn/trainer/eval-program.ts';
import { buildNetwork, type ModelOptions } from '../../../nn/trainer/model.ts';
import { trainProgram } from '../../../nn/trainer/train-program.ts';
import { tempFolder } from '../../temp-folder.ts';

const model: ModelOptions = {
  encoder: 'resnet18',
  decoderChannels: [16, 16, 8, 8, 8],
  channels: 3,
  classes: 7,
  ignore: 255,
  height: 64,
  width: 64,
  normalisation: normalisation('imagenet', 3),
};
const loss = weightedLoss(
  { ce: 0.7, dice: 0.3, focal: 0, jaccard: 0, tversky: 0, lovasz: 0 },
  { classWeights: null, focalGamma: 2, tverskyAlpha: 0.5, tverskyBeta: 0.5 },
);

/** A training as it is compiled: steps and validation of two sizes of batch each, in one graph. */
function training(precision: Precision) {
  const graph = new Graph('gpu');
  const network = buildNetwork(graph, model);
  const trained = network.parameters.filter(({ trainable }) => trainable).map(({ variable }) => variable);
  const optimizer = adam(graph, trained);
  const [step] = [4, 2].map((n) => trainProgram(graph, model, network, { loss, precision, optimizer }, n));
  const [validation] = [4, 3].map((n) => evalProgram(graph, model, network, loss, n));
  if (step === undefined || validation === undefined) throw new Error('two of each');
  return { graph, step, validation };
}

test.each([
  ['bf16', 'bfloat16'],
  ['fp32', 'float32'],
] as const)(
  'In %s all convolutions of a step are %s: by the type of most of them TensorFlow chooses the layout on a GPU',
  (precision, type) => {
    const { graph, step } = training(precision);
    const computed = graph.ancestors([step.loss, ...step.gradients]);
    const convolutions = [...computed].filter(({ op }) => op.startsWith('Conv2D'));
    const kinds = convolutions.map(({ op, outputs }) => `${op} ${outputs[0]?.dtype ?? ''}`);
    expect([...new Set(kinds)].sort()).toEqual(
      ['Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput'].map((op) => `${op} ${type}`),
    );
  },
);

const python = process.env['TF_PYTHON'] ?? 'python3';
const env = { ...process.env, CUDA_VISIBLE_DEVICES: '', PYTHONDONTWRITEBYTECODE: '1' };
const hasTensorFlow = spawnSync(python, ['-c', 'import tensorflow'], { env }).status === 0;

// Needs TensorFlow for Python, and no GPU: bench/peers/README.md says how to have it.
test.skipIf(!hasTensorFlow).each([
  ['bf16', 'step', '8.0', 'NHWC', 'bfloat16'],
  ['bf16', 'step', '7.5', 'NCHW', 'bfloat16'],
  ['bf16', 'validation', '9.0', 'NCHW', 'float32'],
  ['fp32', 'step', '9.0', 'NCHW', 'float32'],
] as const)(
  'TensorFlow’s layout optimizer runs all convolutions of a %s %s, on a GPU of compute capability %s, in %s (%s)',
  (precision, what, capability, layout, type) => {
    const { graph, step, validation } = training(precision);
    const fetched = what === 'step' ? step.loss : validation.confusion;
    const path = join(tempFolder('ers-gpu-layout-'), 'saved_model.pb');
    writeFileSync(path, encodeSavedModel(graph));
    const script = join(import.meta.dirname, '../../../bench/peers/gpu_layout.py');
    const peer = spawnSync(python, [script, path, fetched.node.name, capability], {
      encoding: 'utf8',
      env,
    });
    expect(peer.status, peer.stderr).toBe(0);
    expect(JSON.parse(peer.stdout)).toEqual({ [layout]: { [type]: expect.any(Number) as number } });
  },
);
