import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../../nn/graph/gradients.ts';
import { Graph, type Tensor } from '../../../../nn/graph/graph.ts';
import { atLeast } from '../../../../nn/graph/ops/arithmetic.ts';
import { maxPool } from '../../../../nn/graph/ops/max-pool.ts';
import { relu } from '../../../../nn/graph/ops/relu.ts';
import { sum } from '../../../../nn/graph/ops/shape.ts';
import { Session } from '../../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../../nn/graph/variable.ts';
import type { TensorFlow } from '../../../../runtime/load.ts';
import { installLimit } from '../../../runtime/installed.ts';
import { tensorFlowForTests } from '../../tensorflow.ts';
import { cases } from './cases.ts';
import { scalarOf } from './scalar.ts';
import { withoutGradient } from './without-gradient.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

const folder = fileURLToPath(new URL('../../../../nn/graph/ops/', import.meta.url));

test('every function of nn/graph/ops has its gradient checked, or is known to have none', async () => {
  const known = new Set([
    ...Object.values(cases).flatMap(({ covers }) => covers),
    ...withoutGradient.map(([op]) => op),
  ]);
  const unknown: string[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === 'function' && !known.has(value)) unknown.push(`${file}: ${name}`);
    }
  }
  expect(unknown, 'add them to cases.ts or without-gradient.ts').toEqual([]);
});

test('an op that is said to hand no gradient on has none', () => {
  const leaking = withoutGradient.filter(([, use]) => {
    const graph = new Graph();
    const x = placeholder(graph, 'x', 'float32', [1, 2, 2, 2]);
    return use(graph, x).node.gradient !== undefined;
  });
  expect(leaking).toEqual([]);
});

/** Beside the largest slope of the input; the step is 1/128, so that the formula itself is off by up to f‴/100,000. */
const tolerance = 1e-3;

describe(`the gradient of an op agrees with central differences to ${tolerance}`, () => {
  test.each(Object.entries(cases))('%s', (_, { shapes, op }) => {
    const { graph, inputs, values, loss } = scalarOf(shapes, op);
    const slopes = gradients(graph, loss, inputs);
    const session = new Session(tensorFlow, graph, tmpdir());
    const feeds = (moved: readonly Float32Array[]) =>
      inputs.map((input, at) => [input, moved[at] ?? new Float32Array()] as const);
    const lossAt = (moved: readonly Float32Array[]) => Number(session.run(feeds(moved), [loss])[0]?.[0]);
    const found = session.run(feeds(values), slopes);
    const step = 1 / 128;
    values.forEach((value, at) => {
      const numeric = Array.from(value, (_, element) => {
        const shifted = (by: number) =>
          values.map((other, index) =>
            index === at ? other.map((v, e) => (e === element ? v + by : v)) : other,
          );
        return (lossAt(shifted(step)) - lossAt(shifted(-step))) / (2 * step);
      });
      const largest = Math.max(...numeric.map(Math.abs), 0.1);
      numeric.forEach((slope, element) => {
        expect(
          Math.abs(Number(found[at]?.[element]) - slope) / largest,
          `input ${at}, element ${element}`,
        ).toBeLessThan(tolerance);
      });
    });
    session.close();
  });
});

/** The gradient of the sum of `op`. */
function slopesOf(
  values: readonly number[],
  shape: readonly number[],
  op: (graph: Graph, x: Tensor) => Tensor,
) {
  const graph = new Graph();
  const x = placeholder(graph, 'x', 'float32', shape);
  const y = op(graph, x);
  const axes = y.shape.map((_, axis) => axis);
  const slopes = gradients(graph, fetch(graph, 'loss', sum(graph, y, axes)), [x]);
  const session = new Session(tensorFlow, graph, tmpdir());
  const [found] = session.run([[x, Float32Array.from(values)]], slopes);
  session.close();
  return Array.from(found as Float32Array);
}

describe('where a function has a kink, its gradient is the one that PyTorch takes', () => {
  test('that of relu at 0 is 0', () => {
    expect(slopesOf([-1, 0, 1], [3], relu)).toEqual([0, 0, 1]);
  });

  test('that of a lower bound passes at the bound', () => {
    expect(slopesOf([0.25, 0.5, 0.75], [3], (graph, x) => atLeast(graph, x, 0.5))).toEqual([0, 1, 1]);
  });

  test('that of a max-pool goes to the first of equal numbers of a window, and never to the padding', () => {
    const pool = (graph: Graph, x: Tensor) => maxPool(graph, x, { kernel: 3, stride: 2, padding: 1 });
    // Windows are the corners' neighbourhoods: rows and columns 0–1 and 1–3.
    const tied = slopesOf(Array<number>(16).fill(-5), [1, 4, 4, 1], pool);
    expect(tied).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
