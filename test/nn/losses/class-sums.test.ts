import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { Session } from '../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../nn/graph/variable.ts';
import { classSums, diagonal } from '../../../nn/losses/class-sums.ts';
import { lossDefaults, target } from '../../../nn/losses/target.ts';
import { weightedLoss } from '../../../nn/losses/weighted.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

function sumsOf(masks: Uint8Array, values: Float32Array) {
  const graph = new Graph();
  const [labels, numbers] = [
    placeholder(graph, 'masks', 'uint8', [1, masks.length, 1]),
    placeholder(graph, 'values', 'float32', [masks.length, 2]),
  ];
  const sums = classSums(graph, target(graph, labels, 2, 255).oneHot, numbers);
  const fetched = [fetch(graph, 'sums', sums), fetch(graph, 'own', diagonal(graph, sums))];
  const session = new Session(tensorFlow, graph, tmpdir());
  const feeds = [[labels, masks] as const, [numbers, values] as const];
  const [all = [], own = []] = session.run(feeds, fetched).map((found) => Array.from(found as Float32Array));
  session.close();
  return { all, own };
}

test('row l, column c is the sum of class c over the pixels of label l; ignored ones count nowhere', () => {
  const { all, own } = sumsOf(
    Uint8Array.of(0, 1, 255, 0, 1),
    Float32Array.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
  );
  expect(all).toEqual([65, 130, 260, 520]);
  expect(own).toEqual([65, 520]);
});

test('a sum over half a million pixels keeps its digits to 4e-6', () => {
  const pixels = 524288;
  const { own } = sumsOf(new Uint8Array(pixels), new Float32Array(2 * pixels).fill(0.1));
  expect(Math.abs((own[0] ?? NaN) / (pixels * Math.fround(0.1)) - 1)).toBeLessThan(4e-6);
});

test('a label whose probability is too small for fp32 costs its distance from the likely class', () => {
  const graph = new Graph();
  const [rows, labels] = [
    placeholder(graph, 'logits', 'float32', [1, 2]),
    placeholder(graph, 'masks', 'uint8', [1, 1, 1]),
  ];
  const loss = weightedLoss({ ce: 1 }, lossDefaults)(graph, rows, target(graph, labels, 2, 255));
  const fetched = fetch(graph, 'loss', loss);
  const session = new Session(tensorFlow, graph, tmpdir());
  const feeds = [[rows, Float32Array.of(100, -200)] as const, [labels, Uint8Array.of(1)] as const];
  expect(session.run(feeds, [fetched])[0]?.[0]).toBe(300);
  session.close();
});
