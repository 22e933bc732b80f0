import type { Shape } from '../../nn/graph/attribute.ts';
import { Graph, sizeOf, type Tensor } from '../../nn/graph/graph.ts';
import { Session } from '../../nn/graph/session.ts';
import type { Variable } from '../../nn/graph/variable.ts';
import { weightedLoss } from '../../nn/losses/weighted.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import { adamw } from '../../nn/optimizers/adamw.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import { sgd } from '../../nn/optimizers/sgd.ts';
import { evalProgram, predictProgram } from '../../nn/trainer/eval-program.ts';
import { buildNetwork, type ModelOptions } from '../../nn/trainer/model.ts';
import { stateProgram, type State } from '../../nn/trainer/state-program.ts';
import { trainProgram } from '../../nn/trainer/train-program.ts';
import { toTorch } from '../../nn/weights/layout.ts';
import type { TensorFlow } from '../../runtime/load.ts';
import type { BatchOf } from './problem.ts';
import { recipe, type Found } from './protocol.ts';

export interface Subject {
  readonly tensorFlow: TensorFlow;
  readonly model: ModelOptions;
  readonly weights: State;
  readonly batch: BatchOf;
  /** An existing folder for passing files. */
  readonly tmp: string;
}

/** What files.relu and files.pooled hold. */
export interface OurDecisions {
  readonly relus: readonly { readonly shape: Shape; readonly positive: Uint8Array }[];
  readonly pooled: { readonly shape: Shape; readonly values: Float32Array };
}

type MakeOptimizer = (graph: Graph, weights: readonly Variable[]) => Optimizer;

export interface Ours extends Found {
  readonly decisions: readonly OurDecisions[];
  /** What files.gradients holds. */
  readonly slopes: State;
}

/** What the programs of the trainer compute for this subject. */
export function runOurs(subject: Subject): Ours {
  const tensors = new Map<string, Float32Array>();
  const slopes = new Map<string, Float32Array>();
  const keep = (prefix: string, state: State, wanted: (name: string) => boolean, to = tensors) => {
    for (const [name, values] of state) if (wanted(name)) to.set(`${prefix}/${name}`, values);
  };
  const statistic = (name: string) => name.includes('running_');
  const weight = (name: string) => !statistic(name);

  const first = new Training(subject, adam);
  const evaluation = first.evaluate();
  tensors.set('logits/eval', evaluation.logits);
  const begun = first.wholeStep(recipe.adam.rate);
  tensors.set('logits/train', begun.logits);
  for (const prefix of ['gradient', 'undecided']) keep(prefix, begun.gradients, weight);
  keep('adam', begun.gradients, weight, slopes);
  keep('adam', first.state(), weight);
  keep('statistics', first.state(), statistic);
  const adamLosses = [begun.loss];
  while (adamLosses.length < recipe.steps) adamLosses.push(first.step(recipe.adam.rate));
  first.close();

  const second = new Training(subject, (graph, trained) => adamw(graph, trained, recipe.adamw.decay));
  keep('adamw', second.wholeStep(recipe.adamw.rate).gradients, weight, slopes);
  keep('adamw', second.state(), weight);
  second.close();

  const { momentum, rates } = recipe.sgd;
  const decisions: OurDecisions[] = [];
  const sgdLosses = rates.map((rate, at) => {
    const third = new Training(subject, (graph, trained) =>
      sgd(graph, trained, { momentum, nesterov: true }),
    );
    const losses: number[] = [];
    for (let step = 0; step < recipe.steps; step += 1) {
      if (at === 0) decisions.push(third.decisions());
      if (at > 0 || step > 0) {
        losses.push(third.step(rate));
        continue;
      }
      const { loss, gradients } = third.wholeStep(rate);
      losses.push(loss);
      keep('sgd', gradients, weight, slopes);
      keep('sgd', third.state(), weight);
    }
    third.close();
    return losses;
  });
  return {
    tensors,
    numbers: { evalLoss: evaluation.loss, adam: adamLosses, sgd: sgdLosses, decidedSgd: sgdLosses[0] ?? [] },
    decisions,
    slopes,
  };
}

/** The network with one optimizer, in a session of its own, from the first weights on. */
class Training {
  readonly #batch: BatchOf;
  readonly #network: ReturnType<typeof buildNetwork>;
  readonly #optimizer: Optimizer;
  readonly #weights: ReturnType<typeof stateProgram>;
  readonly #train: ReturnType<typeof trainProgram>;
  readonly #relus: readonly Tensor[];
  readonly #pooled: Tensor;
  readonly #evaluation: ReturnType<typeof evalProgram>;
  readonly #prediction: ReturnType<typeof predictProgram>;
  readonly #session: Session;
  #steps = 0;

  constructor({ tensorFlow, model, weights, batch, tmp }: Subject, makeOptimizer: MakeOptimizer) {
    const graph = new Graph();
    const loss = weightedLoss({ ce: recipe.ce, dice: recipe.dice });
    const network = buildNetwork(graph, model);
    const variables = network.parameters.map(({ variable }) => variable);
    const trained = network.parameters.flatMap(({ variable, trainable }) => (trainable ? [variable] : []));
    const optimizer = makeOptimizer(graph, trained);
    const moments = stateProgram(graph, 'moments', optimizer.state);
    this.#batch = batch;
    this.#network = network;
    this.#optimizer = optimizer;
    this.#weights = stateProgram(graph, 'weights', variables);
    const recorded = graph.nodes.length;
    this.#train = trainProgram(graph, model, network, { loss, optimizer, precision: 'fp32' }, batch.n);
    const nodes = graph.nodes.slice(recorded);
    this.#relus = nodes.flatMap((node) => (node.op === 'Relu' ? node.outputs : []));
    // The pool's own input may be padded.
    const [pooled] = this.#relus;
    if (pooled === undefined) throw new Error('Internal error: the network has no ReLU before its max-pool');
    this.#pooled = pooled;
    this.#evaluation = evalProgram(graph, model, network, loss, batch.n);
    this.#prediction = predictProgram(graph, model, network, batch.n);
    this.#session = new Session(tensorFlow, graph, tmp);
    this.#weights.write(this.#session, weights);
    const zeros = optimizer.state.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))] as const);
    moments.write(this.#session, new Map(zeros));
  }

  evaluate(): { readonly logits: Float32Array; readonly loss: number } {
    const { images, masks } = this.#batch;
    const [logits] = this.#session.run([[this.#prediction.images, images]], [this.#prediction.logits]);
    const feeds = [[this.#evaluation.images, images] as const, [this.#evaluation.masks, masks] as const];
    const [loss] = this.#session.run(feeds, [this.#evaluation.loss]);
    return { logits: floatsOf(logits), loss: floatsOf(loss)[0] ?? NaN };
  }

  /** Of the next training step; weights and statistics are put back. */
  decisions(): OurDecisions {
    const before = this.#weights.read(this.#session);
    const { images, masks } = this.#batch;
    const found = this.#session
      .run(
        [
          [this.#train.images, images],
          [this.#train.masks, masks],
        ],
        [...this.#relus, this.#pooled],
      )
      .map(floatsOf);
    this.#weights.write(this.#session, before);
    const relus = this.#relus.map(({ shape }, at) => ({
      shape,
      positive: Uint8Array.from(found[at] ?? [], (value) => (value > 0 ? 1 : 0)),
    }));
    const values = found.at(-1) ?? new Float32Array();
    return { relus, pooled: { shape: this.#pooled.shape, values } };
  }

  /** The loss before the step. */
  step(rate: number): number {
    return floatsOf(this.#run(rate, [])[0])[0] ?? NaN;
  }

  /** A step, and what it computes on its way; gradients in PyTorch's order. */
  wholeStep(rate: number): {
    readonly loss: number;
    readonly logits: Float32Array;
    readonly gradients: State;
  } {
    const [loss, logits, ...slopes] = this.#run(rate, [this.#train.logits, ...this.#train.gradients]);
    const trained = this.#network.parameters.filter(({ trainable }) => trainable);
    const gradients = trained.map(
      ({ name, variable }, at) => [name, toTorch(variable.shape, floatsOf(slopes[at]))] as const,
    );
    return { loss: floatsOf(loss)[0] ?? NaN, logits: floatsOf(logits), gradients: new Map(gradients) };
  }

  #run(rate: number, more: readonly Tensor[]): readonly unknown[] {
    const { images, masks } = this.#batch;
    this.#steps += 1;
    const feeds = [
      [this.#train.images, images] as const,
      [this.#train.masks, masks] as const,
      ...this.#optimizer.feeds(this.#steps, rate),
    ];
    return this.#session.run(feeds, [this.#train.loss, ...more]);
  }

  /** Weights and statistics, in PyTorch's order. */
  state(): State {
    const state = this.#weights.read(this.#session);
    return new Map(
      this.#network.parameters.map(({ name, variable }) => [
        name,
        toTorch(variable.shape, state.get(name) ?? new Float32Array()),
      ]),
    );
  }

  close(): void {
    this.#session.close();
  }
}

function floatsOf(data: unknown): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('Internal error: not fp32');
  return data;
}
