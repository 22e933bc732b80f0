import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { Session } from '../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../nn/graph/variable.ts';
import { target } from '../../../nn/losses/target.ts';
import { weightedLoss, type LossWeights } from '../../../nn/losses/weighted.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

// Two images of 2×2 with three classes, pixel after pixel; torch and smp gave the losses below for them.
const logits = Float32Array.of(
  ...[2, 0, -1, 0, 1, 0.5, 1, 0, 0, -1, 3, 0],
  ...[0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0],
);
const masks = Uint8Array.of(0, 1, 0, 1, 1, 1, 0, 1);

function lossOf(weights: LossWeights, labels: Uint8Array): number {
  const graph = new Graph();
  const rows = placeholder(graph, 'logits', 'float32', [8, 3]);
  const fed = placeholder(graph, 'masks', 'uint8', [2, 2, 2]);
  const loss = fetch(graph, 'loss', weightedLoss(weights)(graph, rows, target(graph, fed, 3, 255)));
  const session = new Session(tensorFlow, graph, tmpdir());
  const [value] = session.run(
    [
      [rows, logits],
      [fed, labels],
    ],
    [loss],
  );
  session.close();
  return Number(value?.[0]);
}

test('cross-entropy, Dice and their sum are those of torch and smp', () => {
  expect(lossOf({ ce: 1 }, masks)).toBeCloseTo(0.6736667, 6);
  expect(lossOf({ dice: 1 }, masks)).toBeCloseTo(0.2202812, 6);
  expect(lossOf({ ce: 0.7, dice: 0.3 }, masks)).toBeCloseTo(0.537651, 6);
});

test('Dice with an ignored pixel is that of smp', () => {
  expect(lossOf({ dice: 1 }, Uint8Array.of(255, ...masks.subarray(1)))).toBeCloseTo(0.2814979, 6);
});

test('a batch in which every pixel is ignored has the loss 0', () => {
  expect(lossOf({ ce: 0.7, dice: 0.3 }, new Uint8Array(8).fill(255))).toBe(0);
});
