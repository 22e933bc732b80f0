import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { add } from '../../../nn/graph/ops/arithmetic.ts';
import { Session } from '../../../nn/graph/session.ts';
import { placeholder } from '../../../nn/graph/variable.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

test('no tensor is left behind by a run', () => {
  const graph = new Graph();
  const input = placeholder(graph, 'input', 'float32', [2]);
  const twice = add(graph, input, input);
  const session = new Session(tensorFlow, graph, tmpdir());
  const before = tensorFlow.tensors();
  const [first] = session.run([[input, Float32Array.of(1, 2)]], [twice]);
  expect(first).toEqual(Float32Array.of(2, 4));
  expect(() => session.run([[input, new Uint8Array(2)]], [twice])).toThrow(
    'Internal error: input takes float32',
  );
  expect(tensorFlow.tensors()).toBe(before);
  session.close();
});
