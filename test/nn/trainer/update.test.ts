import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { Graph } from '../../../nn/graph/graph.ts';
import { constant } from '../../../nn/graph/ops/constant.ts';
import { scale } from '../../../nn/graph/ops/arithmetic.ts';
import { Session } from '../../../nn/graph/session.ts';
import { assign, fetch, placeholder, variable } from '../../../nn/graph/variable.ts';
import { zeros } from '../../../nn/init/initializers.ts';
import type { Parameter } from '../../../nn/layers/scope.ts';
import { accumulator } from '../../../nn/optimizers/accumulator.ts';
import { adam } from '../../../nn/optimizers/adam.ts';
import { movingAverage } from '../../../nn/optimizers/moving-average.ts';
import { stateProgram } from '../../../nn/trainer/state-program.ts';
import { updateProgram } from '../../../nn/trainer/update-program.ts';
import { update, updateFeeds, type Rules } from '../../../nn/trainer/update.ts';
import type { TensorFlow } from '../../../runtime/load.ts';
import { installLimit } from '../../runtime/installed.ts';
import { mixed } from '../formula.ts';
import { golden } from '../golden-optimizers.ts';
import { tensorFlowForTests } from '../tensorflow.ts';

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

const { batches, accumulated, clip, decay, rate, found: wanted } = golden.accumulation;
const { count } = golden;

function vector(stream: number): Float32Array {
  return Float32Array.from(mixed(stream, count), (word) => word / 2147483648 - 1);
}

const names = { weight: 'weight', average: 'average.weight', statistic: 'average.statistic' } as const;

test('over batches of which two make a step, clipped and averaged, Adam is that of PyTorch to 1e-6', () => {
  const graph = new Graph();
  const [weight, statistic] = [variable(graph, 'weight', [count]), variable(graph, 'statistic', [count])];
  const parameters: Parameter[] = [
    { name: 'weight', variable: weight, trainable: true, initial: zeros },
    { name: 'statistic', variable: statistic, trainable: false, initial: zeros },
  ];
  const sums = accumulator(graph, [weight]);
  const average = movingAverage(graph, [weight, statistic], decay);
  const rules: Rules = {
    optimizer: adam(graph, [weight]),
    clipNorm: clip,
    accumulation: { batches: accumulated, sums },
    average,
  };
  const [slope, current] = ['slope', 'current'].map((name) => placeholder(graph, name, 'float32', [count]));
  if (slope === undefined || current === undefined) throw new Error('two');
  const added = fetch(graph, 'added', constant(graph, [0]), [
    sums.add(weight, scale(graph, slope, 1 / accumulated)),
    assign(graph, statistic, current),
  ]);
  const moved = updateProgram(graph, parameters, rules, sums);
  const everything = [weight, statistic, ...rules.optimizer.state, ...sums.state, ...average.state];
  const state = stateProgram(graph, 'state', everything);
  const session = new Session(tensorFlow, graph, tmpdir());
  const zero = everything.map(({ name }): [string, Float32Array] => [name, new Float32Array(count)]);
  state.write(session, new Map([...zero, ['weight', vector(50)]]));

  const running = [...vector(51)];
  const found: Record<keyof typeof names, number[][]> = { weight: [], average: [], statistic: [] };
  for (let batch = 0, step = 1; batch < batches; batch += 1) {
    const seen = vector(70 + batch);
    running.forEach((value, at) => (running[at] = 0.9 * value + 0.1 * (seen[at] ?? NaN)));
    session.run(
      [
        [slope, vector(60 + batch)],
        [current, Float32Array.from(running)],
      ],
      [added],
    );
    if ((batch + 1) % accumulated !== 0 && batch + 1 !== batches) continue;
    session.run(updateFeeds(rules, step, rate), [moved]);
    step += 1;
    const values = state.read(session);
    for (const what of ['weight', 'average', 'statistic'] as const) {
      found[what].push([...(values.get(names[what]) ?? [])]);
    }
    expect(values.get('accumulated.weight')).toEqual(new Float32Array(count));
  }
  session.close();

  for (const what of ['weight', 'average', 'statistic'] as const) {
    const apart = wanted[what].flatMap((step, at) =>
      step.map((value, place) => Math.abs(value - (found[what][at]?.[place] ?? NaN))),
    );
    expect(apart.length).toBe(3 * count);
    expect([what, apart.filter((distance) => !(distance < 1e-6))]).toEqual([what, []]);
  }
});

test('in one run, the average is of the values after the step, and the first one a copy', () => {
  const graph = new Graph();
  const [weight, statistic] = [variable(graph, 'weight', [1]), variable(graph, 'statistic', [1])];
  const parameters: Parameter[] = [
    { name: 'weight', variable: weight, trainable: true, initial: zeros },
    { name: 'statistic', variable: statistic, trainable: false, initial: zeros },
  ];
  const average = movingAverage(graph, [weight, statistic], 0.5);
  const rules: Rules = { optimizer: adam(graph, [weight]), average };
  const current = placeholder(graph, 'current', 'float32', [1]);
  const assigned = assign(graph, statistic, current);
  const done = fetch(
    graph,
    'done',
    constant(graph, [0]),
    update(graph, parameters, rules, {
      weights: [weight],
      gradients: [constant(graph, [1], [1])],
      readers: () => [],
      updated: (of) => (of === statistic ? assigned : undefined),
    }),
  );
  const state = stateProgram(graph, 'state', [weight, statistic, ...rules.optimizer.state, ...average.state]);
  const session = new Session(tensorFlow, graph, tmpdir());
  const names = [
    'weight',
    'statistic',
    'adam.m.weight',
    'adam.v.weight',
    'average.weight',
    'average.statistic',
  ];
  state.write(session, new Map(names.map((name) => [name, new Float32Array(1)])));
  const averages: (readonly (number | undefined)[])[] = [];
  for (const [at, value] of [8, 4].entries()) {
    session.run([[current, Float32Array.of(value)], ...updateFeeds(rules, at + 1, 0.25)], [done]);
    const values = state.read(session);
    const of = (name: string) => values.get(name)?.[0];
    averages.push([of('weight'), of('average.weight'), of('average.statistic')]);
  }
  session.close();
  const [first, second] = averages;
  // Adam moves by the rate where the gradient stays the same.
  expect(first?.[0]).toBeCloseTo(-0.25, 6);
  expect(first?.slice(1)).toEqual([first?.[0], 8]);
  expect(second?.[1]).toBeCloseTo(-0.375, 6);
  expect(second?.[2]).toBe(6);
});
