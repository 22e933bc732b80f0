import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { Session } from '../../../nn/graph/session.ts';
import { placeholder } from '../../../nn/graph/variable.ts';
import { clipNorm } from '../../../nn/optimizers/clip-norm.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { mixed } from '../formula.ts';
import { golden } from '../golden-optimizers.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

/** Both gradients, one after the other, clipped together. */
function clipped(gradients: readonly Float32Array[], most: number): number[] {
  const graph = new Graph();
  const fed = gradients.map(({ length }, at) => placeholder(graph, `fed.${at}`, 'float32', [length]));
  const fetches = clipNorm(graph, fed, most);
  const session = new Session(tensorFlow, graph, tmpdir());
  const found = session.run(
    fed.map((tensor, at) => [tensor, gradients[at] ?? new Float32Array()] as const),
    fetches,
  );
  session.close();
  return found.flatMap((values) => (values instanceof Float32Array ? [...values] : []));
}

const { parts, clipped: cases } = golden.clipping;
const all = Float32Array.from(mixed(60, golden.count), (word) => word / 2147483648 - 1);
const [first = 0] = parts;
const gradients = [all.slice(0, first), all.slice(first)];

test.each(cases)(
  'to a norm of at most %d, gradients of two weights are those of PyTorch to 1e-7',
  (most, wanted) => {
    const found = clipped(gradients, most);
    expect(found.length).toBe(golden.count);
    const apart = found.map((value, at) => Math.abs(value - (wanted[at] ?? NaN)));
    expect(Math.max(...apart)).toBeLessThan(1e-7);
  },
);

test('below the norm nothing changes by a bit, and gradients of 0 stay 0', () => {
  expect(clipped(gradients, 10)).toEqual([...all]);
  expect(clipped([new Float32Array(3), new Float32Array(2)], 1)).toEqual([0, 0, 0, 0, 0]);
});
