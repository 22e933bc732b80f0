import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../../nn/graph/gradients.ts';
import type { Graph, Tensor } from '../../../../nn/graph/graph.ts';
import { integers } from '../../../../nn/graph/ops/constant.ts';
import { conv2d } from '../../../../nn/graph/ops/conv.ts';
import { Session } from '../../../../nn/graph/session.ts';
import { loadTensorFlow, type TensorFlow } from '../../../../runtime/load.ts';
import { installLimit } from '../../../runtime/installed.ts';
import { runtimeForTests } from '../../tensorflow.ts';
import { apart, cases, given, type GradientCase } from './cases.ts';
import { scalarOf, type Scalar } from './scalar.ts';

/** `missing`: why TensorFlow has no gradient. */
interface Answer {
  readonly gradients?: readonly string[];
  readonly missing?: string;
}

const script = fileURLToPath(new URL('../../../../bench/peers/tf_gradients.py', import.meta.url));

let tensorFlow: TensorFlow;
let answers: ReadonlyMap<string, Answer>;

/**
 * Where TensorFlow's C++ library has no gradient (it forgets the attribute of explicit paddings), it is asked for that of the
 * same function written otherwise.
 */
const alike: Readonly<Record<string, GradientCase['op']>> = {
  'conv 3×3 with stride 2': (graph, x, filter) => strided(graph, x, filter, 1),
  'conv 7×7 with stride 2': (graph, x, filter) => strided(graph, x, filter, 3),
  'max-pool': (graph, x) => {
    const padded = zeroPadded(graph, apart(graph, given(x)), 1);
    return graph.one({
      op: 'MaxPool',
      inputs: [padded],
      attributes: {
        T: { type: 'float32' },
        ksize: { integers: [1, 3, 3, 1] },
        strides: { integers: [1, 2, 2, 1] },
        padding: { string: 'VALID' },
        data_format: { string: 'NHWC' },
      },
      dtype: 'float32',
      shape: [1, 2, 2, 2],
    });
  },
};

function strided(graph: Graph, x: Tensor | undefined, filter: Tensor | undefined, padding: number): Tensor {
  return conv2d(graph, zeroPadded(graph, given(x), padding), given(filter), { stride: 2, padding: 0 });
}

function zeroPadded(graph: Graph, x: Tensor, by: number): Tensor {
  return graph.one({
    op: 'Pad',
    inputs: [x, integers(graph, [0, 0, by, by, by, by, 0, 0], [4, 2])],
    attributes: { T: { type: 'float32' }, Tpaddings: { type: 'int32' } },
    dtype: 'float32',
    shape: x.shape.map((length, axis) => (axis === 1 || axis === 2 ? length + 2 * by : length)),
  });
}

function question({ graph, inputs, values }: Scalar) {
  return {
    graph: graph.encode().toString('base64'),
    loss: 'loss',
    inputs: inputs.map(({ node, shape }, at) => {
      const bytes = new Uint8Array(values[at]?.buffer ?? new ArrayBuffer());
      return { name: node.name, shape, values: Buffer.from(bytes).toString('base64') };
    }),
  };
}

function floatsOf(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
}

/** Asks TensorFlow for the gradients of the graph as it is before ours are added to it. */
beforeAll(async () => {
  const runtime = await runtimeForTests();
  tensorFlow = loadTensorFlow(runtime);
  const questions = Object.entries(cases).map(([name, { shapes, op }]) => [
    name,
    question(scalarOf(shapes, alike[name] ?? op)),
  ]);
  // The installation of the runtime needs python3, so it is there.
  const { stdout, stderr, status } = spawnSync('python3', [script, join(runtime, 'tensorflow')], {
    input: JSON.stringify(Object.fromEntries(questions)),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(status, stderr).toBe(0);
  answers = new Map(Object.entries(JSON.parse(stdout) as Record<string, Answer>));
}, installLimit);

test('TensorFlow has a gradient for all of them', () => {
  const without = [...answers].flatMap(([name, { missing: why }]) =>
    why === undefined ? [] : [`${name}: ${why}`],
  );
  expect(without).toEqual([]);
});

/** Of the tensor's largest number: a few roundings of fp32. */
const tolerance = 1e-6;

describe(`the gradient of an op is TensorFlow's own, to ${tolerance}`, () => {
  test.each(Object.entries(cases))('%s', (name, { shapes, op }) => {
    const { graph, inputs, values, loss } = scalarOf(shapes, op);
    const slopes = gradients(graph, loss, inputs);
    const session = new Session(tensorFlow, graph, tmpdir());
    const feeds = inputs.map((input, at) => [input, values[at] ?? new Float32Array()] as const);
    const found = session.run(feeds, slopes);
    const answer = answers.get(name)?.gradients ?? [];
    expect(answer).toHaveLength(inputs.length);
    found.forEach((ours, at) => {
      const theirs = floatsOf(answer[at] ?? '');
      expect(ours).toHaveLength(theirs.length);
      const largest = Math.max(...theirs.map(Math.abs));
      expect(largest).toBeGreaterThan(0);
      const apart = Math.max(...theirs.map((value, element) => Math.abs(Number(ours[element]) - value)));
      expect(apart / largest, `input ${at}`).toBeLessThan(tolerance);
    });
    session.close();
  });
});
