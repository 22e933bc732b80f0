import type { Graph, Tensor } from '../graph/graph.ts';
import { add, cast, multiply } from '../graph/ops/arithmetic.ts';
import { argMax, countRows, equal, packBytes, select } from '../graph/ops/classes.ts';
import { integers } from '../graph/ops/constant.ts';
import { reshape } from '../graph/ops/shape.ts';
import { fetch, placeholder, type Variable } from '../graph/variable.ts';
import { Pass } from '../layers/pass.ts';
import { honestLoss } from '../losses/honest.ts';
import { target, type Loss } from '../losses/target.ts';
import { normalise } from '../normalisation.ts';
import type { Network } from '../unet.ts';
import type { ModelOptions } from './model.ts';

/** Loss and confusion counts of batches of one size, with the running statistics; nothing else comes back. */
export interface EvalProgram {
  readonly images: Tensor;
  readonly masks: Tensor;
  readonly loss: Tensor;
  /** int32, batch × C·C: for each image how often label l met prediction p, at l·C + p. */
  readonly confusion: Tensor;
}

/** `stored`: which variable holds the value of a parameter; the parameter itself unless told. */
export function evalProgram(
  graph: Graph,
  model: ModelOptions,
  network: Network,
  loss: Loss,
  batch: number,
  stored?: (parameter: Variable) => Variable,
): EvalProgram {
  const name = `eval.${batch}`;
  const { height, width, classes, ignore } = model;
  const masks = placeholder(graph, `${name}/masks`, 'uint8', [batch, height, width]);
  const { images, logits, pass } = inference(graph, model, network, name, batch, stored);
  const rows = reshape(graph, logits, [batch * height * width, classes]);
  const value = loss(graph, rows, target(graph, masks, classes, ignore));
  const labels = cast(graph, masks, 'int32');
  const pair = add(graph, multiply(graph, labels, integers(graph, [classes], [])), argMax(graph, logits));
  const ignored = equal(graph, labels, integers(graph, [ignore], []));
  const bins = classes * classes;
  const counted = select(graph, ignored, integers(graph, [bins], []), pair);
  const confusion = countRows(graph, reshape(graph, counted, [batch, height * width]), bins);
  const weights = network.parameters.map(({ variable }) => pass.read(variable));
  return {
    images,
    masks,
    loss: fetch(graph, `${name}/loss`, honestLoss(graph, value, weights)),
    confusion: fetch(graph, `${name}/confusion`, confusion),
  };
}

/** Predicted classes of batches of one size, four pixels in an int32. */
export interface PredictProgram {
  readonly images: Tensor;
  readonly logits: Tensor;
  readonly packed: Tensor;
}

export function predictProgram(
  graph: Graph,
  model: ModelOptions,
  network: Network,
  batch: number,
): PredictProgram {
  const { images, logits } = inference(graph, model, network, `predict.${batch}`, batch);
  const packed = packBytes(graph, cast(graph, argMax(graph, logits), 'uint8'));
  return { images, logits, packed: fetch(graph, `predict.${batch}/classes`, packed) };
}

function inference(
  graph: Graph,
  model: ModelOptions,
  network: Network,
  name: string,
  batch: number,
  stored?: (parameter: Variable) => Variable,
): { readonly images: Tensor; readonly logits: Tensor; readonly pass: Pass } {
  const shape = [batch, model.height, model.width, model.channels];
  const images = placeholder(graph, `${name}/images`, 'uint8', shape);
  const pass = new Pass(graph, false, stored === undefined ? {} : { stored });
  const logits = network.logits(normalise(graph, images, model.normalisation), pass);
  return { images, logits, pass };
}
