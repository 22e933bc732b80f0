import type { TensorFlow } from '../../runtime/load.ts';
import { Graph, sizeOf, type Tensor } from '../graph/graph.ts';
import { Session } from '../graph/session.ts';
import type { Variable } from '../graph/variable.ts';
import type { Parameter } from '../layers/scope.ts';
import type { Loss } from '../losses/target.ts';
import { confusionsOf, type Confusion } from '../metrics/confusion.ts';
import { accumulator } from '../optimizers/accumulator.ts';
import { movingAverage } from '../optimizers/moving-average.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Precision } from '../precision.ts';
import { evalProgram, type EvalProgram } from './eval-program.ts';
import { buildNetwork, type ModelOptions } from './model.ts';
import { stateProgram, type State, type StateProgram } from './state-program.ts';
import { trainProgram, type TrainProgram } from './train-program.ts';
import { updateFeeds, type Rules } from './update.ts';
import { updateProgram } from './update-program.ts';

/** n images (n·H·W·C) and their masks (n·H·W of train indices or the ignore value), uint8. */
export interface Batch {
  readonly n: number;
  readonly images: Uint8Array;
  readonly masks: Uint8Array;
}

export interface TrainerOptions {
  readonly tensorFlow: TensorFlow;
  readonly model: ModelOptions;
  readonly loss: Loss;
  /** Makes the optimizer of the trained weights. */
  readonly optimizer: (graph: Graph, weights: readonly Variable[]) => Optimizer;
  /** Of training steps, fp32 unless told; evaluation is fp32 always. */
  readonly precision?: Precision;
  /** Largest L2 norm of all gradients together; null or missing: any. */
  readonly clipNorm?: number | null;
  /** Batches whose gradients are summed before the optimizer's step; 1 unless told. */
  readonly accumulate?: number;
  /** Decay of a moving average of the weights, in (0, 1): it is what is evaluated then. Null or missing: none. */
  readonly average?: number | null;
  readonly trainBatches: readonly number[];
  readonly evalBatches: readonly number[];
  /** An existing folder for passing files. */
  readonly tmp: string;
}

/**
 * A model, its optimizer and its loss, compiled into one SavedModel: a program for each batch size that will occur,
 * all sharing the variables of one session. The values are undefined until `write` has been called.
 */
export class Trainer {
  readonly parameters: readonly Parameter[];
  readonly #rules: Rules;
  readonly #state: StateProgram;
  readonly #train: ReadonlyMap<number, TrainProgram>;
  /** Only where gradients are accumulated. */
  readonly #update: Tensor | undefined;
  readonly #evaluate: ReadonlyMap<number, EvalProgram>;
  readonly #session: Session;

  constructor(options: TrainerOptions) {
    const { model, loss, precision = 'fp32' } = options;
    const graph = new Graph(options.tensorFlow.usesGpu ? 'gpu' : 'cpu');
    const network = buildNetwork(graph, model);
    const { parameters } = network;
    const variables = parameters.map((parameter) => parameter.variable);
    const rules = rulesOf(graph, parameters, options);
    const { accumulation, average } = rules;
    this.parameters = parameters;
    this.#rules = rules;
    const moments = [...rules.optimizer.state, ...(accumulation?.sums.state ?? [])];
    this.#state = stateProgram(graph, 'state', [...variables, ...moments, ...(average?.state ?? [])]);
    this.#train = programs(options.trainBatches, (n) =>
      trainProgram(graph, model, network, { loss, precision, ...rules }, n),
    );
    this.#update = accumulation && updateProgram(graph, parameters, rules, accumulation.sums);
    this.#evaluate = programs(options.evalBatches, (n) =>
      evalProgram(graph, model, network, loss, n, average?.of),
    );
    this.#session = new Session(options.tensorFlow, graph, options.tmp);
  }

  /**
   * Takes a batch into the optimizer's step number `step`, counted from 1; returns the loss before it. `closes`: the weights
   * move after this batch. It may be false only where gradients are accumulated.
   */
  train(batch: Batch, step: number, learningRate: number, closes = true): number {
    const program = programFor(this.#train, batch);
    const feeds = updateFeeds(this.#rules, step, learningRate);
    const [loss] = this.#session.run(
      [
        [program.images, batch.images],
        [program.masks, batch.masks],
        ...(this.#update === undefined ? feeds : []),
      ],
      [program.loss],
    );
    if (this.#update !== undefined && closes) this.#session.run(feeds, [this.#update]);
    return scalar(loss);
  }

  /** The loss of a batch and the confusion of each image; changes nothing. */
  evaluate(batch: Batch): { readonly loss: number; readonly confusions: readonly Confusion[] } {
    const program = programFor(this.#evaluate, batch);
    const [loss, counts] = this.#session.run(
      [
        [program.images, batch.images],
        [program.masks, batch.masks],
      ],
      [program.loss, program.confusion],
    );
    if (!(counts instanceof Int32Array)) throw new Error('Internal error: the confusion is not int32');
    const classes = Math.sqrt(counts.length / batch.n);
    return { loss: scalar(loss), confusions: confusionsOf(counts, classes) };
  }

  /** What is evaluated and handed on, weights and running statistics: their moving averages where there are some. */
  weights(): State {
    const stored = this.parameters.map((parameter) => this.#stored(parameter));
    return this.weightsIn(this.#state.read(this.#session, stored));
  }

  /** The `weights()` of the trainer that gave this `state()`. */
  weightsIn(state: State): State {
    return new Map(
      this.parameters.map((parameter) => {
        const value = state.get(this.#stored(parameter).name);
        if (value === undefined) throw new Error(`Internal error: no value of ${parameter.name}`);
        return [parameter.name, value];
      }),
    );
  }

  /** All that the next step depends on: weights, running statistics, moments, sums of gradients, averages. */
  state(): State {
    return this.#state.read(this.#session);
  }

  /** Takes up a `state()`. Weights and running statistics are enough: the others begin at 0, averages at the weights. */
  write(state: State): void {
    const { average } = this.#rules;
    const averaged = new Map(
      average === undefined
        ? []
        : this.parameters.map(({ variable }) => [average.of(variable).name, variable.name]),
    );
    const whole = this.#state.variables.map(({ name, shape }): [string, Float32Array] => [
      name,
      state.get(name) ?? state.get(averaged.get(name) ?? '') ?? new Float32Array(sizeOf(shape)),
    ]);
    this.#state.write(this.#session, new Map(whole));
  }

  close(): void {
    this.#session.close();
  }

  #stored({ variable }: Parameter): Variable {
    return this.#rules.average?.of(variable) ?? variable;
  }
}

function rulesOf(
  graph: Graph,
  parameters: readonly Parameter[],
  { optimizer, clipNorm, accumulate = 1, average }: TrainerOptions,
): Rules {
  const trained = parameters.filter(({ trainable }) => trainable).map(({ variable }) => variable);
  const all = parameters.map(({ variable }) => variable);
  return {
    optimizer: optimizer(graph, trained),
    ...(clipNorm == null ? {} : { clipNorm }),
    ...(accumulate === 1 ? {} : { accumulation: { batches: accumulate, sums: accumulator(graph, trained) } }),
    ...(average == null ? {} : { average: movingAverage(graph, all, average) }),
  };
}

function programs<T>(batches: readonly number[], make: (batch: number) => T): ReadonlyMap<number, T> {
  return new Map([...new Set(batches)].map((n) => [n, make(n)]));
}

function programFor<T>(programs: ReadonlyMap<number, T>, batch: Batch): T {
  const program = programs.get(batch.n);
  if (program === undefined) throw new Error(`Internal error: no program for a batch of ${batch.n}`);
  return program;
}

function scalar(data: unknown): number {
  if (!(data instanceof Float32Array) || data[0] === undefined) throw new Error('Internal error: no number');
  return data[0];
}
