import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { Graph, sizeOf, type Tensor } from '../../nn/graph/graph.ts';
import { Session } from '../../nn/graph/session.ts';
import type { Parameter } from '../../nn/layers/scope.ts';
import { weightedLoss } from '../../nn/losses/weighted.ts';
import { normalisation } from '../../nn/normalisation.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import { evalProgram, predictProgram } from '../../nn/trainer/eval-program.ts';
import { buildNetwork } from '../../nn/trainer/model.ts';
import { stateProgram, type State } from '../../nn/trainer/state-program.ts';
import { trainProgram } from '../../nn/trainer/train-program.ts';
import { unet } from '../../nn/unet.ts';
import { fromTorch, torchShape, toTorch } from '../../nn/weights/layout.ts';
import { imageBytes, maskBytes, parameterValues, sketch } from './formula.ts';
import { installLimit } from '../runtime/installed.ts';
import { tensorFlowForTests } from './tensorflow.ts';

interface Golden {
  readonly size: number;
  readonly batch: number;
  readonly classes: number;
  readonly ignore: number;
  readonly rate: number;
  readonly decoder: readonly number[];
  readonly resnet18: {
    readonly seed: number;
    readonly names: readonly string[];
    readonly shapes: Readonly<Record<string, readonly number[]>>;
    readonly parameters: number;
    readonly eval: { readonly logits: readonly number[]; readonly losses: readonly number[] };
    readonly train: { readonly logits: readonly number[]; readonly losses: readonly number[] };
    readonly gradients: Readonly<Record<string, readonly number[]>>;
    readonly after_one_step: Readonly<
      Record<'statistics' | 'weights', Readonly<Record<string, readonly number[]>>>
    >;
    readonly losses_of_adam: readonly number[];
  };
}

const path = new URL('../golden/nn/unet-resnet18.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
const expected = golden.resnet18;
const { size, batch, classes, ignore, rate } = golden;

const unetOfRecipe = { inChannels: 3, classes: 7, decoderChannels: [256, 128, 64, 32, 16] };

function countTrained(parameters: readonly Parameter[]): number {
  return parameters
    .filter((parameter) => parameter.trainable)
    .reduce((total, { variable }) => total + sizeOf(variable.shape), 0);
}

/** ‖a − b‖/‖b‖. */
function relativeNorm(a: ArrayLike<number>, b: readonly number[]): number {
  const difference = b.reduce(
    (total, value, at) => total + ((a[at] ?? NaN) - value) * ((a[at] ?? NaN) - value),
    0,
  );
  return Math.sqrt(difference / b.reduce((total, value) => total + value * value, 0));
}

/** Largest difference of two sketches as a share of the tensor's norm. */
function sketchError(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...wanted.map((value, at) => Math.abs((found[at] ?? NaN) - value))) / (wanted[0] ?? 0);
}

/** Every fourth pixel in both directions, as the golden file has them. */
function everyFourth(logits: Float32Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < logits.length; at += 1) {
    const pixel = Math.floor(at / classes);
    const [x, y] = [pixel % size, Math.floor(pixel / size) % size];
    if (x % 4 === 0 && y % 4 === 0) found.push(logits[at] ?? NaN);
  }
  return found;
}

test('the parameters have the names, order and shapes of smp, and their number', () => {
  const { parameters } = unet(new Graph(), { ...unetOfRecipe, encoder: 'resnet18' });
  expect(parameters.map(({ name }) => name)).toEqual(expected.names);
  for (const { name, variable } of parameters) {
    expect(torchShape(variable.shape), name).toEqual(expected.shapes[name]);
  }
  expect(countTrained(parameters)).toBe(expected.parameters);
});

test('Unet-ResNet34 with 7 classes has 24,437,239 trained numbers', () => {
  expect(countTrained(unet(new Graph(), { ...unetOfRecipe, encoder: 'resnet34' }).parameters)).toBe(
    24_437_239,
  );
});

describe('Unet-ResNet18 beside PyTorch and smp', () => {
  const graph = new Graph();
  const model = {
    encoder: 'resnet18' as const,
    decoderChannels: golden.decoder,
    channels: 3,
    classes,
    ignore,
    height: size,
    width: size,
    normalisation: normalisation('imagenet', 3),
  };
  const network = buildNetwork(graph, model);
  const variables = network.parameters.map((parameter) => parameter.variable);
  const trained = network.parameters.filter((parameter) => parameter.trainable);
  const optimizer = adam(
    graph,
    trained.map((parameter) => parameter.variable),
  );
  const weights = stateProgram(graph, 'weights', variables);
  const moments = stateProgram(graph, 'moments', optimizer.state);
  const loss = weightedLoss({ ce: 0.7, dice: 0.3 });
  const step = trainProgram(graph, model, network, { loss, optimizer }, batch);
  const evaluations = [{ ce: 1 }, { dice: 1 }, { ce: 0.7, dice: 0.3 }].map((mix, index) =>
    evalProgram(graph, model, network, weightedLoss(mix), batch, `eval.${index}`),
  );
  const prediction = predictProgram(graph, model, network, batch);
  const images = imageBytes(batch * size * size * 3);
  const masks = maskBytes(batch * size * size, ignore);
  const trainFeeds = (at: number) => [
    [step.images, images] as const,
    [step.masks, masks] as const,
    ...optimizer.feeds(at, rate),
  ];
  let session: Session;

  function floatsOf(data: unknown): Float32Array {
    if (!(data instanceof Float32Array)) throw new Error('not fp32');
    return data;
  }
  function run(feeds: Parameters<Session['run']>[0], fetches: readonly Tensor[]): Float32Array[] {
    return session.run(feeds, fetches).map(floatsOf);
  }
  /** Puts the weights of the formula back and clears the moments. */
  function reset(): void {
    const state: State = new Map(
      network.parameters.map(({ name, variable }) => {
        const shape = torchShape(variable.shape);
        const values = parameterValues(expected.seed, expected.names.indexOf(name), name, shape);
        return [name, fromTorch(variable.shape, values)];
      }),
    );
    weights.write(session, state);
    const zeros = optimizer.state.map(({ name, shape }) => {
      return [name, new Float32Array(sizeOf(shape))] as const;
    });
    moments.write(session, new Map(zeros));
  }
  beforeAll(async () => {
    session = new Session(await tensorFlowForTests(), graph, tmpdir());
  }, installLimit);

  test('with running statistics, logits agree to 1e-4 and each loss to 1e-5', () => {
    reset();
    const [logits] = run([[prediction.images, images]], [prediction.logits]);
    expect(relativeNorm(everyFourth(logits ?? new Float32Array()), expected.eval.logits)).toBeLessThan(1e-4);
    evaluations.forEach((evaluation, index) => {
      const [value] = run(
        [
          [evaluation.images, images],
          [evaluation.masks, masks],
        ],
        [evaluation.loss],
      );
      const wanted = expected.eval.losses[index] ?? NaN;
      expect(Math.abs((value?.[0] ?? NaN) - wanted) / wanted).toBeLessThan(1e-5);
    });
  });

  test('in training, logits and every gradient agree to 1e-4 of their norm, the loss to 1e-5', () => {
    reset();
    const [value, logits, ...gradients] = run(trainFeeds(1), [step.loss, step.logits, ...step.gradients]);
    const wanted = expected.train.losses[2] ?? NaN;
    expect(Math.abs((value?.[0] ?? NaN) - wanted) / wanted).toBeLessThan(1e-5);
    expect(relativeNorm(everyFourth(logits ?? new Float32Array()), expected.train.logits)).toBeLessThan(1e-4);
    const errors = trained.map(({ name, variable }, at) => {
      const found = toTorch(variable.shape, gradients[at] ?? new Float32Array());
      return {
        name,
        error: sketchError(sketch(expected.names.indexOf(name), found), expected.gradients[name] ?? []),
      };
    });
    expect(errors.filter(({ error }) => !(error < 1e-4))).toEqual([]);
  });

  test('after one step of Adam, running statistics agree to 1e-5 and weights to 1e-4 of their norm', () => {
    reset();
    run(trainFeeds(1), [step.loss]);
    const state = weights.read(session);
    const { statistics, weights: moved } = expected.after_one_step;
    const errors = network.parameters.map(({ name, variable, trainable }) => {
      const found = toTorch(variable.shape, state.get(name) ?? new Float32Array());
      const wanted = (trainable ? moved : statistics)[name] ?? [];
      return { name, trainable, error: sketchError(sketch(expected.names.indexOf(name), found), wanted) };
    });
    expect(errors.filter(({ error, trainable }) => !(error < (trainable ? 1e-4 : 1e-5)))).toEqual([]);
  });

  test('three steps of Adam lose as much as in PyTorch, to 1e-3', () => {
    reset();
    const losses = [1, 2, 3].map((at) => run(trainFeeds(at), [step.loss])[0]?.[0] ?? NaN);
    expect(relativeNorm(losses, expected.losses_of_adam)).toBeLessThan(1e-3);
  });
});
