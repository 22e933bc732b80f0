import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encoderNames, type EncoderName } from '../../nn/encoders/encoder.ts';
import { Graph, sizeOf, type Tensor } from '../../nn/graph/graph.ts';
import { Session, type Values } from '../../nn/graph/session.ts';
import type { Variable } from '../../nn/graph/variable.ts';
import { weightedLoss } from '../../nn/losses/weighted.ts';
import { normalisation } from '../../nn/normalisation.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import { sgd } from '../../nn/optimizers/sgd.ts';
import { evalProgram, predictProgram } from '../../nn/trainer/eval-program.ts';
import { buildNetwork } from '../../nn/trainer/model.ts';
import { stateProgram } from '../../nn/trainer/state-program.ts';
import { trainProgram } from '../../nn/trainer/train-program.ts';
import { unet } from '../../nn/unet.ts';
import { fromTorch, torchShape, toTorch } from '../../nn/weights/layout.ts';
import type { TensorFlow } from '../../runtime/load.ts';
import { installLimit } from '../runtime/installed.ts';
import { imageBytes, maskBytes, parameterValues, sketch } from './formula.ts';
import { tensorFlowForTests } from './tensorflow.ts';

/** Made by bench/peers/nn_golden.py. */
interface Golden {
  readonly size: number;
  readonly batch: number;
  readonly classes: number;
  readonly ignore: number;
  /** Of the logits every so many pixels are kept, in both directions. */
  readonly kept: number;
  readonly adam_rate: number;
  readonly sgd_rate: number;
  readonly momentum: number;
  readonly decoder: readonly number[];
  readonly seed: number;
  /** Of the parameters of smp's default decoder, in its order. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly parameters: number;
  readonly eval: { readonly logits: readonly number[]; readonly losses: readonly number[] };
  readonly train: { readonly logits: readonly number[]; readonly losses: readonly number[] };
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly after_one_step: Readonly<
    Record<'statistics' | 'weights', Readonly<Record<string, readonly number[]>>>
  >;
  readonly losses_of_adam: readonly number[];
  readonly losses_of_sgd: readonly number[];
}

const none = new Float32Array();

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((total, value) => total + value * value, 0));
}

/** ‖found − wanted‖/‖wanted‖; NaN, which passes no bar, if they differ in length. */
function distance(found: ArrayLike<number>, wanted: readonly number[]): number {
  return found.length === wanted.length
    ? norm(wanted.map((value, at) => (found[at] ?? NaN) - value)) / norm(wanted)
    : NaN;
}

/** Largest difference of two sketches (formula.ts) as a share of the tensor's norm, which a sketch begins with. */
function sketchError(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...wanted.map((value, at) => Math.abs((found[at] ?? NaN) - value))) / (wanted[0] ?? 0);
}

/** The largest relative difference of the first `count` losses. */
function farthest(found: readonly number[], wanted: readonly number[], count: number): number {
  return Math.max(
    ...wanted.slice(0, count).map((loss, at) => Math.abs((found[at] ?? NaN) - loss) / Math.abs(loss)),
  );
}

/** A network and one optimizer in a session of their own. */
function subject(
  tensorFlow: TensorFlow,
  encoder: EncoderName,
  golden: Golden,
  makeOptimizer: (graph: Graph, weights: readonly Variable[]) => Optimizer,
) {
  const { size, batch, classes, ignore } = golden;
  const graph = new Graph();
  const model = {
    encoder,
    decoderChannels: golden.decoder,
    channels: 3,
    classes,
    ignore,
    height: size,
    width: size,
    normalisation: normalisation('imagenet', 3),
  };
  const network = buildNetwork(graph, model);
  const trained = network.parameters.filter(({ trainable }) => trainable);
  const optimizer = makeOptimizer(
    graph,
    trained.map(({ variable }) => variable),
  );
  const weights = stateProgram(
    graph,
    'weights',
    network.parameters.map(({ variable }) => variable),
  );
  const moments = stateProgram(graph, 'moments', optimizer.state);
  const loss = weightedLoss({ ce: 0.7, dice: 0.3 });
  const step = trainProgram(graph, model, network, { loss, optimizer, precision: 'fp32' }, batch);
  const evaluation = evalProgram(graph, model, network, loss, batch);
  const prediction = predictProgram(graph, model, network, batch);
  const images = imageBytes(batch * size * size * 3);
  const masks = maskBytes(batch * size * size, ignore);
  const session = new Session(tensorFlow, graph, tmpdir());
  const values = new Map(
    network.parameters.map(({ name, variable }, index) => {
      const shape = torchShape(variable.shape);
      return [name, fromTorch(variable.shape, parameterValues(golden.seed, index, name, shape))] as const;
    }),
  );
  const run = (feeds: readonly (readonly [Tensor, Values])[], fetches: readonly Tensor[]) =>
    session.run(feeds, fetches).map((data) => {
      if (!(data instanceof Float32Array)) throw new Error('not fp32');
      return data;
    });
  return {
    parameters: network.parameters,
    trained,
    close: () => session.close(),
    state: () => weights.read(session),
    /** The weights of the formula, and no moments yet. */
    reset: () => {
      weights.write(session, values);
      const zeros = optimizer.state.map(
        ({ name, shape }) => [name, new Float32Array(sizeOf(shape))] as const,
      );
      moments.write(session, new Map(zeros));
    },
    evaluate: () => ({
      logits: run([[prediction.images, images]], [prediction.logits])[0] ?? none,
      loss: run(
        [
          [evaluation.images, images],
          [evaluation.masks, masks],
        ],
        [evaluation.loss],
      )[0],
    }),
    /** Step number `at`, from 1: the loss, then what else is asked for. */
    step: (at: number, rate: number, wanted: 'loss' | 'all' = 'loss') => {
      const feeds = [
        [step.images, images] as const,
        [step.masks, masks] as const,
        ...optimizer.feeds(at, rate),
      ];
      const [value, logits, ...gradients] = run(
        feeds,
        wanted === 'loss' ? [step.loss] : [step.loss, step.logits, ...step.gradients],
      );
      return { loss: value?.[0] ?? NaN, logits: logits ?? none, gradients };
    },
  };
}

function thinned(logits: Float32Array, { classes, kept, size }: Golden): number[] {
  return [...logits].filter((_, at) => {
    const pixel = Math.floor(at / classes);
    return pixel % kept === 0 && Math.floor(pixel / size) % kept === 0;
  });
}

let tensorFlow: TensorFlow;
beforeAll(async () => {
  tensorFlow = await tensorFlowForTests();
}, installLimit);

describe.each(encoderNames)('Unet with %s beside PyTorch and smp', (encoder) => {
  const path = new URL(`../golden/nn/unet-${encoder}.json`, import.meta.url);
  const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  let ours: ReturnType<typeof subject>;
  beforeAll(() => {
    ours = subject(tensorFlow, encoder, golden, adam);
  });
  afterAll(() => ours.close());

  test('the parameters have the names, order and shapes of smp, and their number', () => {
    const recipe = { inChannels: 3, classes: 7, decoderChannels: [256, 128, 64, 32, 16] };
    const { parameters } = unet(new Graph(), { encoder, ...recipe });
    const shapes = parameters.map(({ name, variable }) => [name, torchShape(variable.shape)]);
    expect(shapes).toEqual(Object.entries(golden.shapes));
    const trained = parameters.filter(({ trainable }) => trainable);
    const count = trained.reduce((total, { variable }) => total + sizeOf(variable.shape), 0);
    expect(count).toBe(golden.parameters);
  });

  test('with running statistics, logits agree to 1e-4 of their norm and the loss to 1e-5', () => {
    ours.reset();
    const { logits, loss } = ours.evaluate();
    expect(distance(thinned(logits, golden), golden.eval.logits)).toBeLessThan(1e-4);
    expect(distance(loss ?? [], golden.eval.losses.slice(2))).toBeLessThan(1e-5);
  });

  test('in training, logits and every gradient agree to 1e-4 of their norm, the loss to 1e-5', () => {
    ours.reset();
    const { loss, logits, gradients } = ours.step(1, golden.adam_rate, 'all');
    expect(distance([loss], golden.train.losses.slice(2))).toBeLessThan(1e-5);
    expect(distance(thinned(logits, golden), golden.train.logits)).toBeLessThan(1e-4);
    expect(ours.trained.map(({ name }) => name).toSorted()).toEqual(Object.keys(golden.gradients).toSorted());
    const names = ours.parameters.map(({ name }) => name);
    const errors = ours.trained.map(({ name, variable }, at) => {
      const found = toTorch(variable.shape, gradients[at] ?? none);
      return { name, error: sketchError(sketch(names.indexOf(name), found), golden.gradients[name] ?? []) };
    });
    expect(errors.filter(({ error }) => !(error < 1e-4))).toEqual([]);
  });

  test('after one step of Adam, running statistics agree to 2e-5 and weights to 1e-4 of their norm', () => {
    ours.reset();
    ours.step(1, golden.adam_rate);
    const state = ours.state();
    const errors = ours.parameters.map(({ name, variable, trainable }, index) => {
      const found = toTorch(variable.shape, state.get(name) ?? none);
      const wanted = golden.after_one_step[trainable ? 'weights' : 'statistics'][name] ?? [];
      return { name, trainable, error: sketchError(sketch(index, found), wanted) };
    });
    expect(errors.filter(({ error, trainable }) => !(error < (trainable ? 1e-4 : 2e-5)))).toEqual([]);
  });

  test('of 20 steps of Adam, 3 lose as much as in PyTorch to 1e-3 and all to 1 %', () => {
    ours.reset();
    const losses = golden.losses_of_adam.map((_, at) => ours.step(at + 1, golden.adam_rate).loss);
    expect(farthest(losses, golden.losses_of_adam, 3)).toBeLessThan(1e-3);
    expect(farthest(losses, golden.losses_of_adam, 20)).toBeLessThan(1e-2);
  });

  test('20 steps of SGD with Nesterov lose as much as in PyTorch, to 1e-3', () => {
    const { momentum, sgd_rate: rate } = golden;
    const other = subject(tensorFlow, encoder, golden, (graph, trained) =>
      sgd(graph, trained, { momentum, nesterov: true }),
    );
    other.reset();
    const losses = golden.losses_of_sgd.map((_, at) => other.step(at + 1, rate).loss);
    other.close();
    expect(farthest(losses, golden.losses_of_sgd, 20)).toBeLessThan(1e-3);
  });
});
