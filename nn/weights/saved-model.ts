import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Graph, type Tensor } from '../graph/graph.ts';
import { argMax, pick } from '../graph/ops/classes.ts';
import { constant } from '../graph/ops/constant.ts';
import { softmax } from '../graph/ops/softmax.ts';
import { anyLength } from '../graph/attribute.ts';
import { encodeSavedModel, type Signature } from '../graph/saved-model.ts';
import { fetch, placeholder, type Variable } from '../graph/variable.ts';
import { Pass } from '../layers/pass.ts';
import { normalise } from '../normalisation.ts';
import { buildNetwork, type ModelOptions } from '../trainer/model.ts';
import type { State } from '../trainer/state-program.ts';

/** The name under which TensorFlow Serving and `tf.saved_model.load` find what to call. */
const servingSignature = 'serving_default';

/**
 * The bytes of `saved_model.pb`: the network with its weights as constants, normalisation included. `images` are uint8
 * N×H×W×channels for any N; `logits` and `probabilities` are fp32 N×H×W×C in the order of the train indices, `classes` are uint8
 * N×H×W with the mask's value of the most probable class: `values` by train index.
 */
export function inferenceModel(model: ModelOptions, state: State, values: readonly number[]): Buffer {
  const graph = new Graph();
  const { height, width, channels } = model;
  const network = buildNetwork(graph, model);
  const images = placeholder(graph, 'images', 'uint8', [anyLength, height, width, channels]);
  const pass = new Pass(graph, false, { value: (variable) => weight(graph, variable, state) });
  const scores = network.logits(normalise(graph, images, model.normalisation), pass);
  const signature: Signature = {
    inputs: { images },
    outputs: {
      logits: fetch(graph, 'logits', scores),
      probabilities: fetch(graph, 'probabilities', softmax(graph, scores)),
      classes: fetch(graph, 'classes', pick(graph, Uint8Array.from(values), argMax(graph, scores))),
    },
  };
  return encodeSavedModel(graph, { [servingSignature]: signature });
}

/** Writes the folder that TensorFlow loads. */
export async function writeSavedModel(dir: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'saved_model.pb'), bytes);
}

function weight(graph: Graph, { name, shape }: Variable, state: State): Tensor {
  const values = state.get(name);
  if (values === undefined) throw new Error(`Internal error: no value for ${name}`);
  return constant(graph, values, shape);
}
