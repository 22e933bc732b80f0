import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { Graph, type Tensor } from '../../nn/graph/graph.ts';
import { Session, type Values } from '../../nn/graph/session.ts';
import { weightedLoss } from '../../nn/losses/weighted.ts';
import { normalisation } from '../../nn/normalisation.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import { evalProgram, predictProgram } from '../../nn/trainer/eval-program.ts';
import { buildNetwork } from '../../nn/trainer/model.ts';
import { stateProgram } from '../../nn/trainer/state-program.ts';
import { trainProgram } from '../../nn/trainer/train-program.ts';
import { fromTorch, torchShape, toTorch } from '../../nn/weights/layout.ts';
import { installLimit } from '../runtime/installed.ts';
import { imageBytes, maskBytes, parameterValues, sketch } from './formula.ts';
import { tensorFlowForTests } from './tensorflow.ts';

/** Made by bench/peers/nn_golden_resnet34.py. */
interface Golden {
  readonly size: number;
  readonly batch: number;
  readonly classes: number;
  readonly ignore: number;
  readonly rate: number;
  readonly decoder: readonly number[];
  /** Of the logits every so many pixels are kept, in both directions. */
  readonly every: number;
  readonly seed: number;
  readonly eval: { readonly logits: readonly number[]; readonly losses: readonly number[] };
  readonly train: { readonly logits: readonly number[]; readonly losses: readonly number[] };
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly after_one_step: Readonly<
    Record<'statistics' | 'weights', Readonly<Record<string, readonly number[]>>>
  >;
  readonly losses_of_adam: readonly number[];
}

const path = new URL('../golden/nn/unet-resnet34.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
const { size, batch, classes, ignore, rate, every } = golden;

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0));
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

function thinned(logits: Float32Array): number[] {
  return [...logits].filter((_, at) => {
    const pixel = Math.floor(at / classes);
    return pixel % every === 0 && Math.floor(pixel / size) % every === 0;
  });
}

describe('Unet-ResNet34 beside PyTorch and smp', () => {
  const graph = new Graph();
  const model = {
    encoder: 'resnet34' as const,
    decoderChannels: golden.decoder,
    channels: 3,
    classes,
    ignore,
    height: size,
    width: size,
    normalisation: normalisation('imagenet', 3),
  };
  const network = buildNetwork(graph, model);
  const names = network.parameters.map(({ name }) => name);
  const trained = network.parameters.filter(({ trainable }) => trainable);
  const optimizer = adam(
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
  const step = trainProgram(graph, model, network, { loss, optimizer }, batch);
  const evaluation = evalProgram(graph, model, network, loss, batch);
  const prediction = predictProgram(graph, model, network, batch);
  const images = imageBytes(batch * size * size * 3);
  const masks = maskBytes(batch * size * size, ignore);
  let session: Session;

  /** The weights of the formula, no moments yet; then the feeds, and what is asked for. */
  function fromStart(
    feeds: readonly (readonly [Tensor, Values])[],
    fetches: readonly Tensor[],
  ): Float32Array[] {
    const values = network.parameters.map(({ name, variable }, index) => {
      const shape = torchShape(variable.shape);
      return [name, fromTorch(variable.shape, parameterValues(golden.seed, index, name, shape))] as const;
    });
    weights.write(session, new Map(values));
    const zeros = optimizer.state.map(({ name, shape }) => {
      return [name, new Float32Array(shape.reduce((product, length) => product * length, 1))] as const;
    });
    moments.write(session, new Map(zeros));
    return run(feeds, fetches);
  }
  function run(feeds: readonly (readonly [Tensor, Values])[], fetches: readonly Tensor[]): Float32Array[] {
    return session.run(feeds, fetches).map((data) => {
      if (!(data instanceof Float32Array)) throw new Error('not fp32');
      return data;
    });
  }
  function stepFeeds(at: number) {
    return [[step.images, images] as const, [step.masks, masks] as const, ...optimizer.feeds(at, rate)];
  }
  beforeAll(async () => {
    session = new Session(await tensorFlowForTests(), graph, tmpdir());
  }, installLimit);

  test('with running statistics, logits agree to 1e-4 of their norm and the loss to 1e-5', () => {
    const [logits] = fromStart([[prediction.images, images]], [prediction.logits]);
    expect(distance(thinned(logits ?? new Float32Array()), golden.eval.logits)).toBeLessThan(1e-4);
    const [value] = run(
      [
        [evaluation.images, images],
        [evaluation.masks, masks],
      ],
      [evaluation.loss],
    );
    expect(distance(value ?? [], golden.eval.losses.slice(2))).toBeLessThan(1e-5);
  });

  test('in training, logits agree to 1e-4 of their norm, the loss to 1e-5, every gradient to 1e-4', () => {
    const [value, logits, ...gradients] = fromStart(stepFeeds(1), [
      step.loss,
      step.logits,
      ...step.gradients,
    ]);
    expect(distance(value ?? [], golden.train.losses.slice(2))).toBeLessThan(1e-5);
    expect(distance(thinned(logits ?? new Float32Array()), golden.train.logits)).toBeLessThan(1e-4);
    expect(trained.map(({ name }) => name).toSorted()).toEqual(Object.keys(golden.gradients).toSorted());
    const errors = trained.map(({ name, variable }, at) => {
      const found = toTorch(variable.shape, gradients[at] ?? new Float32Array());
      const wanted = golden.gradients[name] ?? [];
      return { name, error: sketchError(sketch(names.indexOf(name), found), wanted) };
    });
    expect(errors.filter(({ error }) => !(error < 1e-4))).toEqual([]);
  });

  test('after one step of Adam, running statistics agree to 2e-5 and weights to 1e-4 of their norm', () => {
    fromStart(stepFeeds(1), [step.loss]);
    const state = weights.read(session);
    const errors = network.parameters.map(({ name, variable, trainable }, index) => {
      const found = toTorch(variable.shape, state.get(name) ?? new Float32Array());
      const wanted = golden.after_one_step[trainable ? 'weights' : 'statistics'][name] ?? [];
      return { name, trainable, error: sketchError(sketch(index, found), wanted) };
    });
    expect(errors.filter(({ error, trainable }) => !(error < (trainable ? 1e-4 : 2e-5)))).toEqual([]);
  });

  test('three steps of Adam lose as much as in PyTorch, to 1e-3', () => {
    const [first] = fromStart(stepFeeds(1), [step.loss]);
    const later = [2, 3].map((at) => run(stepFeeds(at), [step.loss])[0]?.[0] ?? NaN);
    expect(distance([first?.[0] ?? NaN, ...later], golden.losses_of_adam)).toBeLessThan(1e-3);
  });
});
