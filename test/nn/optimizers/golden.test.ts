import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { constant } from '../../../nn/graph/ops/constant.ts';
import { Session } from '../../../nn/graph/session.ts';
import { assign, fetch, placeholder, read, variable, type Variable } from '../../../nn/graph/variable.ts';
import { adam } from '../../../nn/optimizers/adam.ts';
import { adamw } from '../../../nn/optimizers/adamw.ts';
import { decayed } from '../../../nn/optimizers/decayed.ts';
import type { Optimizer } from '../../../nn/optimizers/optimizer.ts';
import { sgd } from '../../../nn/optimizers/sgd.ts';
import { stateProgram } from '../../../nn/trainer/state-program.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { mixed } from '../formula.ts';
import { golden } from '../golden-optimizers.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

type Make = (graph: Graph, weights: readonly Variable[]) => Optimizer;

const plain = { momentum: 0, nesterov: false };
const heavy = { momentum: 0.9, nesterov: false };
const nesterov = { momentum: 0.9, nesterov: true };
const cases: Record<string, Make> = {
  adam,
  'adam, weight decay': (graph, weights) => decayed(graph, adam(graph, weights), 0.1),
  adamw: (graph, weights) => adamw(graph, weights, 0.1),
  sgd: (graph, weights) => sgd(graph, weights, plain),
  'sgd, momentum': (graph, weights) => sgd(graph, weights, heavy),
  'sgd, nesterov': (graph, weights) => sgd(graph, weights, nesterov),
  'sgd, nesterov, weight decay': (graph, weights) => decayed(graph, sgd(graph, weights, nesterov), 0.1),
};

function vector(stream: number): Float32Array {
  return Float32Array.from(mixed(stream, golden.count), (word) => word / 2147483648 - 1);
}

/** The weights after each step with its gradient and its rate. */
function walk(make: Make): Float32Array[] {
  const graph = new Graph();
  const shape = [golden.count];
  const weight = variable(graph, 'weight', shape);
  const fed = placeholder(graph, 'fed', 'float32', shape);
  const begun = fetch(graph, 'begun', constant(graph, [0]), [assign(graph, weight, fed)]);
  const optimizer = make(graph, [weight]);
  const moments = stateProgram(graph, 'moments', optimizer.state);
  const stepped = fetch(graph, 'stepped', constant(graph, [0]), [optimizer.apply(weight, fed, [])]);
  const value = read(graph, weight);
  const session = new Session(tensorFlow, graph, tmpdir());
  session.run([[fed, vector(50)]], [begun]);
  const zeros = optimizer.state.map(({ name }) => [name, new Float32Array(golden.count)] as const);
  if (zeros.length > 0) moments.write(session, new Map(zeros));
  const found = golden.rates.map((rate, at) => {
    session.run([[fed, vector(60 + at)], ...optimizer.feeds(at + 1, rate)], [stepped]);
    const [weights] = session.run([], [value]);
    if (!(weights instanceof Float32Array)) throw new Error('not fp32');
    return weights;
  });
  session.close();
  return found;
}

describe('six steps at changing rates are those of PyTorch to 1e-6', () => {
  test('all of the golden file are compared', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(golden.optimizers));
  });

  test.each(Object.entries(cases))('%s', (name, make) => {
    const apart = walk(make).map((weights, step) => {
      const wanted = golden.optimizers[name]?.[step] ?? [];
      return Math.max(...weights.map((weight, at) => Math.abs(weight - (wanted[at] ?? NaN))));
    });
    expect(apart.filter((distance) => !(distance < 1e-6))).toEqual([]);
  });
});
