import type { TensorFlow } from '../../runtime/load.ts';
import { Graph } from '../graph/graph.ts';
import { Session } from '../graph/session.ts';
import type { Variable } from '../graph/variable.ts';
import type { Parameter } from '../layers/scope.ts';
import type { Loss } from '../losses/target.ts';
import { confusionsOf, type Confusion } from '../metrics/confusion.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { evalProgram, type EvalProgram } from './eval-program.ts';
import { buildNetwork, type ModelOptions } from './model.ts';
import { stateProgram, type State, type StateProgram } from './state-program.ts';
import { trainProgram, type TrainProgram } from './train-program.ts';

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
  readonly #optimizer: Optimizer;
  readonly #weights: StateProgram;
  readonly #moments: StateProgram;
  readonly #train: ReadonlyMap<number, TrainProgram>;
  readonly #evaluate: ReadonlyMap<number, EvalProgram>;
  readonly #session: Session;

  constructor(options: TrainerOptions) {
    const { model, loss } = options;
    const graph = new Graph();
    const network = buildNetwork(graph, model);
    const trained = network.parameters.filter((parameter) => parameter.trainable);
    const optimizer = options.optimizer(
      graph,
      trained.map((parameter) => parameter.variable),
    );
    this.parameters = network.parameters;
    this.#optimizer = optimizer;
    this.#weights = stateProgram(
      graph,
      'weights',
      network.parameters.map((parameter) => parameter.variable),
    );
    this.#moments = stateProgram(graph, 'optimizer', optimizer.state);
    this.#train = new Map(
      [...new Set(options.trainBatches)].map((n) => [
        n,
        trainProgram(graph, model, network, { loss, optimizer }, n),
      ]),
    );
    this.#evaluate = new Map(
      [...new Set(options.evalBatches)].map((n) => [n, evalProgram(graph, model, network, loss, n)]),
    );
    this.#session = new Session(options.tensorFlow, graph, options.tmp);
  }

  /** One step of the optimizer, number `step` counted from 1; returns the loss before it. */
  train(batch: Batch, step: number, learningRate: number): number {
    const program = programFor(this.#train, batch);
    const [loss] = this.#session.run(
      [
        [program.images, batch.images],
        [program.masks, batch.masks],
        ...this.#optimizer.feeds(step, learningRate),
      ],
      [program.loss],
    );
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

  /** Weights and running statistics. */
  weights(): State {
    return this.#weights.read(this.#session);
  }

  /** The optimizer's moments. */
  moments(): State {
    return this.#moments.read(this.#session);
  }

  /** Sets weights, running statistics and moments; without `moments` these start at zero. */
  write(weights: State, moments?: State): void {
    this.#weights.write(this.#session, weights);
    const zero = () =>
      new Map(
        this.#moments.variables.map(({ name, shape }) => [
          name,
          new Float32Array(shape.reduce((product, length) => product * length, 1)),
        ]),
      );
    this.#moments.write(this.#session, moments ?? zero());
  }

  close(): void {
    this.#session.close();
  }
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
