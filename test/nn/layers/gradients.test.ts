import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../../nn/graph/gradients.ts';
import { Graph, sizeOf } from '../../../nn/graph/graph.ts';
import { multiply } from '../../../nn/graph/ops/arithmetic.ts';
import { constant } from '../../../nn/graph/ops/constant.ts';
import { reshape, sum } from '../../../nn/graph/ops/shape.ts';
import { Session } from '../../../nn/graph/session.ts';
import { fetch, placeholder } from '../../../nn/graph/variable.ts';
import { batchNormLayer } from '../../../nn/layers/batch-norm.ts';
import { Pass } from '../../../nn/layers/pass.ts';
import { Scope } from '../../../nn/layers/scope.ts';
import { stateProgram, type State } from '../../../nn/trainer/state-program.ts';
import type { TensorData } from '../../../runtime/binding.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { mixed } from '../formula.ts';
import { tensorFlowForTests } from '../tensorflow.ts';
import { cases, given } from './cases.ts';
import { batchNorm, moments, type Doubles } from './double.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

/** Beside the norm of the result, or of the gradient: what fp32 sums of some hundred products lose. */
const tolerance = 2e-6;

/** Of the central differences, which are off by a sixth of its square times the third derivative. */
const step = 1e-4;

describe(`a layer and its gradients are those of its formula in double precision, to ${tolerance} of the norm`, () => {
  test.each(Object.entries(cases))('%s', (_, { shapes, build, formula }) => {
    const graph = new Graph();
    const scope = new Scope(graph);
    const inputs = shapes.map((shape, at) => placeholder(graph, `input.${at}`, 'float32', shape));
    const layer = build(scope);
    const pass = new Pass(graph, true);
    const y = layer(inputs, pass);
    const factors = numbers(99, sizeOf(y.shape));
    const flat = reshape(graph, y, [factors.length]);
    const total = sum(graph, multiply(graph, flat, constant(graph, factors, [factors.length])), [0]);
    const trained = scope.parameters.filter(({ trainable }) => trainable);
    const places = [...inputs, ...trained.map(({ variable }) => pass.read(variable))];
    const slopes = gradients(graph, fetch(graph, 'loss', total), places);
    const values = places.map(({ shape }, at) => ({
      shape,
      values: Float64Array.from(numbers(at, sizeOf(shape))),
    }));
    const weights = stateProgram(
      graph,
      'weights',
      scope.parameters.map(({ variable }) => variable),
    );

    const session = new Session(tensorFlow, graph, tmpdir());
    const untrained = scope.parameters.filter(({ trainable }) => !trainable);
    const state: State = new Map([
      ...trained.map(
        ({ name }, at) => [name, Float32Array.from(given(values[inputs.length + at]).values)] as const,
      ),
      ...untrained.map(
        ({ name, variable }) => [name, new Float32Array(sizeOf(variable.shape)).fill(1)] as const,
      ),
    ]);
    weights.write(session, state);
    const feeds = inputs.map((input, at) => [input, Float32Array.from(given(values[at]).values)] as const);
    const [found, ...foundSlopes] = session.run(feeds, [y, ...slopes]);
    session.close();

    const resultOf = (all: readonly Doubles[]) =>
      formula(all.slice(0, inputs.length), (name) =>
        given(all[inputs.length + trained.findIndex((parameter) => parameter.name === name)]),
      );
    expect(apart(found, resultOf(values).values)).toBeLessThan(tolerance);
    const lossAt = (all: readonly Doubles[]) =>
      resultOf(all).values.reduce((sum, value, at) => sum + value * (factors[at] ?? NaN), 0);
    values.forEach((tensor, which) => {
      const numeric = tensor.values.map((_, element) => {
        const moved = (by: number) => {
          const shifted = tensor.values.slice();
          shifted[element] = (shifted[element] ?? NaN) + by;
          return lossAt(values.with(which, { shape: tensor.shape, values: shifted }));
        };
        return (moved(step) - moved(-step)) / (2 * step);
      });
      expect(apart(foundSlopes[which], numeric), places[which]?.node.name).toBeLessThan(tolerance);
    });
  });
});

test('batch norm moves the running statistics by a tenth, the variance without bias, and uses them where it does not train', () => {
  const graph = new Graph();
  const scope = new Scope(graph);
  const layer = batchNormLayer(scope, 3);
  const x = placeholder(graph, 'x', 'float32', [2, 2, 3, 3]);
  const [trains, predicts] = [new Pass(graph, true), new Pass(graph, false)];
  const stepped = fetch(graph, 'stepped', layer(x, trains), [...trains.updates.values()]);
  const predicted = layer(x, predicts);
  const weights = stateProgram(
    graph,
    'weights',
    scope.parameters.map(({ variable }) => variable),
  );
  const session = new Session(tensorFlow, graph, tmpdir());
  const first = {
    weight: [0.5, 2, -1],
    bias: [0.25, 0, 1],
    running_mean: [0.5, -1, 0],
    running_var: [1, 0.5, 2],
  };
  weights.write(session, new Map(Object.entries(first).map(([name, of]) => [name, Float32Array.from(of)])));
  const values = numbers(5, 36);
  const image = { shape: [2, 2, 3, 3], values: Float64Array.from(values) };
  const [before] = session.run([[x, values]], [predicted]);
  const vector = (of: readonly number[]) => ({ shape: [3], values: Float64Array.from(of) });
  const expected = batchNorm(image, vector(first.weight), vector(first.bias), {
    mean: first.running_mean,
    variance: first.running_var,
  });
  expect(apart(before, expected.values)).toBeLessThan(tolerance);
  session.run([[x, values]], [stepped]);
  const after = weights.read(session);
  session.close();
  const { mean, unbiased } = moments(image);
  const tenth = (old: readonly number[], found: readonly number[]) =>
    Float64Array.from(old, (value, at) => 0.9 * value + 0.1 * (found[at] ?? NaN));
  expect(apart(after.get('running_mean'), tenth(first.running_mean, mean))).toBeLessThan(tolerance);
  expect(apart(after.get('running_var'), tenth(first.running_var, unbiased))).toBeLessThan(tolerance);
});

/** Multiples of 1/64 in (−1, 1), none of them 0: fp32 holds them. */
function numbers(stream: number, count: number): Float32Array {
  return Float32Array.from(mixed(stream, count), (word) => ((word % 127) - 63 || 19) / 64);
}

/** ‖found − wanted‖/‖wanted‖; NaN where they differ in length. */
function apart(found: TensorData | undefined, wanted: Float64Array): number {
  if (!(found instanceof Float32Array) || found.length !== wanted.length) return NaN;
  const norm = (of: Float64Array) => Math.sqrt(of.reduce((sum, value) => sum + value * value, 0));
  return norm(wanted.map((value, at) => (found[at] ?? NaN) - value)) / norm(wanted);
}
