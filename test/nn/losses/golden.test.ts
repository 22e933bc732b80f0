import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../nn/graph/gradients.ts';
import { Graph } from '../../../nn/graph/graph.ts';
import { Session } from '../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../nn/graph/variable.ts';
import { lossDefaults, target, type LossOptions } from '../../../nn/losses/target.ts';
import { lossNames, weightedLoss, type LossWeights } from '../../../nn/losses/weighted.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

/** Made by bench/peers/loss_golden.py. */
interface Golden {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  readonly ignore: number;
  readonly weights: readonly number[];
  readonly logits: readonly number[];
  readonly masks: readonly number[];
  readonly losses: Readonly<Record<string, { readonly loss: number; readonly gradient: readonly number[] }>>;
}

const path = new URL('../../golden/nn/losses.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

function lossOf(
  weights: LossWeights,
  options: Partial<LossOptions> = {},
  labels = Uint8Array.from(golden.masks),
): { readonly loss: number; readonly gradient: Float32Array } {
  const graph = new Graph();
  const { images, height, width, classes, ignore } = golden;
  const logits = placeholder(graph, 'logits', 'float32', [images * height * width, classes]);
  const masks = placeholder(graph, 'masks', 'uint8', [images, height, width]);
  const made = weightedLoss(weights, { ...lossDefaults, ...options });
  const value = made(graph, logits, target(graph, masks, classes, ignore));
  const slopes = gradients(graph, value, [logits]);
  const loss = fetch(graph, 'loss', value);
  const session = new Session(tensorFlow, graph, tmpdir());
  const [found, gradient] = session.run(
    [
      [logits, Float32Array.from(golden.logits)],
      [masks, labels],
    ],
    [loss, ...slopes],
  );
  session.close();
  if (!(gradient instanceof Float32Array)) throw new Error('not fp32');
  return { loss: Number(found?.[0]), gradient };
}

const { weights: classWeights } = golden;
const cases: Record<string, readonly [LossWeights, Partial<LossOptions>?]> = {
  ce: [{ ce: 1 }],
  'ce, class weights': [{ ce: 1 }, { classWeights }],
  dice: [{ dice: 1 }],
  'dice, class weights': [{ dice: 1 }, { classWeights }],
  jaccard: [{ jaccard: 1 }],
  tversky: [{ tversky: 1 }, { tverskyAlpha: 0.3, tverskyBeta: 0.7 }],
  'tversky, class weights': [{ tversky: 1 }, { tverskyAlpha: 0.3, tverskyBeta: 0.7, classWeights }],
  focal: [{ focal: 1 }],
  'focal, gamma 1.5': [{ focal: 1 }, { focalGamma: 1.5 }],
  'focal, class weights': [{ focal: 1 }, { classWeights }],
  lovasz: [{ lovasz: 1 }],
};

describe('a loss and its gradient agree with torch and smp to 2e-6', () => {
  test('all of the golden file, and every loss that there is, are compared', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(golden.losses));
    expect(new Set(Object.values(cases).flatMap(([weights]) => Object.keys(weights)))).toEqual(
      new Set(lossNames),
    );
  });

  test.each(Object.entries(cases))('%s', (name, [weights, options]) => {
    const { loss, gradient } = lossOf(weights, options);
    const wanted = golden.losses[name];
    expect(Math.abs(loss / (wanted?.loss ?? NaN) - 1)).toBeLessThan(2e-6);
    const norm = Math.hypot(...(wanted?.gradient ?? []));
    const apart = Math.hypot(...gradient.map((value, at) => value - (wanted?.gradient[at] ?? NaN)));
    expect(apart / norm).toBeLessThan(2e-6);
  });
});

test('losses with weights add up', () => {
  const mix = { ce: 0.7, dice: 0.3, focal: 2 };
  const each = Object.entries(mix).map(([name, weight]) => weight * (golden.losses[name]?.loss ?? NaN));
  const sum = each.reduce((total, value) => total + value, 0);
  expect(Math.abs(lossOf(mix).loss / sum - 1)).toBeLessThan(2e-6);
});

test.each(['ce', 'dice', 'focal', 'jaccard', 'tversky', 'lovasz'] as const)(
  'in a batch whose pixels are all ignored %s is 0 and teaches nothing',
  (name) => {
    const nothing = new Uint8Array(golden.masks.length).fill(golden.ignore);
    const { loss, gradient } = lossOf({ [name]: 1 }, {}, nothing);
    expect({ loss, steepest: Math.max(...gradient.map(Math.abs)) }).toEqual({ loss: 0, steepest: 0 });
  },
);
