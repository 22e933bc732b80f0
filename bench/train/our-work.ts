import type { Values } from '../../nn/graph/session.ts';
import { Graph } from '../../nn/graph/graph.ts';
import { Session } from '../../nn/graph/session.ts';
import type { Parameter } from '../../nn/layers/scope.ts';
import { weightedLoss } from '../../nn/losses/weighted.ts';
import { adam } from '../../nn/optimizers/adam.ts';
import { predictProgram } from '../../nn/trainer/eval-program.ts';
import { buildNetwork, type ModelOptions } from '../../nn/trainer/model.ts';
import { stateProgram, type State } from '../../nn/trainer/state-program.ts';
import { Trainer, type Batch } from '../../nn/trainer/trainer.ts';
import type { TensorFlow } from '../../runtime/load.ts';
import { recipe, type Job } from './protocol.ts';

/** What is timed, over and over, on one batch. */
export interface OurWork {
  readonly parameters: readonly Parameter[];
  write(weights: State): void;
  weights(): State;
  /** One training step, whose loss it returns, or one prediction. */
  run(): number | undefined;
  /** Classes of the batch's pixels, as the last `run` predicted them. */
  classes(): Uint8Array;
  close(): void;
}

/** The trainer that the train stage uses. */
export function training(tensorFlow: TensorFlow, job: Job, model: ModelOptions, batch: Batch): OurWork {
  const trainer = new Trainer({
    tensorFlow,
    model,
    loss: weightedLoss({ ce: recipe.ce, dice: recipe.dice }),
    optimizer: adam,
    precision: job.precision,
    trainBatches: [job.batch],
    evalBatches: [],
    tmp: job.dir,
  });
  let step = 0;
  return {
    parameters: trainer.parameters,
    write: (weights) => trainer.write(weights),
    weights: () => trainer.weights(),
    run: () => {
      step += 1;
      return trainer.train(batch, step, recipe.rate);
    },
    classes: () => new Uint8Array(),
    close: () => trainer.close(),
  };
}

/** The program that predicts for the evaluate stage and `openPredictor`. */
export function predicting(tensorFlow: TensorFlow, job: Job, model: ModelOptions, batch: Batch): OurWork {
  const graph = new Graph();
  const network = buildNetwork(graph, model);
  const { parameters } = network;
  const program = predictProgram(graph, model, network, job.batch);
  const state = stateProgram(
    graph,
    'weights',
    parameters.map(({ variable }) => variable),
  );
  const session = new Session(tensorFlow, graph, job.dir);
  const feeds: readonly (readonly [typeof program.images, Values])[] = [[program.images, batch.images]];
  let classes: Uint8Array = new Uint8Array();
  return {
    parameters,
    write: (weights) => state.write(session, weights),
    weights: () => state.read(session),
    run: () => {
      const [packed] = session.run(feeds, [program.packed]);
      if (!(packed instanceof Int32Array)) throw new Error('Internal error: the classes are not packed');
      classes = new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
      return undefined;
    },
    classes: () => classes,
    close: () => session.close(),
  };
}
