import { tmpdir } from 'node:os';
import { FaultError } from '../../../base/fault.ts';
import { Graph } from '../../../nn/graph/graph.ts';
import { Session } from '../../../nn/graph/session.ts';
import { openPredictor } from '../../../nn/predict.ts';
import { predictProgram } from '../../../nn/trainer/eval-program.ts';
import { buildNetwork } from '../../../nn/trainer/model.ts';
import { stateProgram } from '../../../nn/trainer/state-program.ts';
import { modelOptions, readModelFolder } from '../../../nn/weights/model-folder.ts';
import { loadTensorFlow } from '../../../runtime/load.ts';

/** Logits (n·H·W·C) and train indices (n·H·W) that the model in a folder gives for n images. */
export async function predictions(
  modelDir: string,
  runtimeDir: string,
  images: Uint8Array,
  samples: number,
): Promise<{ readonly found: Uint8Array; readonly logits: Float32Array }> {
  const predictor = await openPredictor({ modelDir, runtimeDir, batch: samples });
  const found = predictor.predict(images, samples);
  predictor.close();
  const folder = await readModelFolder(modelDir);
  if (!folder.ok) throw new FaultError(...folder.faults);
  const graph = new Graph();
  const options = modelOptions(folder.value.model);
  const network = buildNetwork(graph, options);
  const weights = stateProgram(
    graph,
    'weights',
    network.parameters.map(({ variable }) => variable),
  );
  const program = predictProgram(graph, options, network, samples);
  const session = new Session(loadTensorFlow(runtimeDir), graph, tmpdir());
  weights.write(session, folder.value.state);
  const [logits] = session.run([[program.images, images]], [program.logits]);
  session.close();
  if (!(logits instanceof Float32Array)) throw new Error('the logits are not fp32');
  return { found, logits };
}
