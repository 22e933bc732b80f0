import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultError } from '../base/fault.ts';
import { loadTensorFlow } from '../runtime/load.ts';
import { Graph } from './graph/graph.ts';
import { Session } from './graph/session.ts';
import { predictProgram } from './trainer/eval-program.ts';
import { buildNetwork } from './trainer/model.ts';
import { stateProgram } from './trainer/state-program.ts';
import { modelOptions, readModelFolder } from './weights/model-folder.ts';

/** Applies a trained model to images; opened once, used for many batches, closed by the caller. */
export interface Predictor {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: readonly { readonly value: number; readonly train: number | null }[];
  /** Label of the masks that marks a pixel without a class. */
  readonly ignore: number;
  /**
   * `images` holds `n` images of H×W×C uint8, one after another, 1 ≤ n ≤ batch.
   * Returns n·H·W train indices 0…C−1.
   */
  predict(images: Uint8Array, n: number): Uint8Array;
  close(): void;
}

export interface PredictorOptions {
  /** Folder with model.json and model.safetensors, as the train stage writes it. */
  readonly modelDir: string;
  /** Folder of the installed native runtime. */
  readonly runtimeDir: string;
  /** Most images in one call. */
  readonly batch: number;
}

/** Throws `FaultError` (ERS_WEIGHTS) when the folder does not hold a model that this program can run. */
export async function openPredictor({ modelDir, runtimeDir, batch }: PredictorOptions): Promise<Predictor> {
  const folder = await readModelFolder(modelDir);
  if (!folder.ok) throw new FaultError(...folder.faults);
  const { model, state } = folder.value;
  const options = modelOptions(model);
  const graph = new Graph();
  const network = buildNetwork(graph, options);
  const weights = stateProgram(
    graph,
    'weights',
    network.parameters.map((parameter) => parameter.variable),
  );
  const program = predictProgram(graph, options, network, batch);
  const session = openSession(runtimeDir, graph);
  weights.write(session, state);
  const { height, width, channels } = options;
  const image = height * width * channels;
  return {
    height,
    width,
    channels,
    classes: model.classes,
    ignore: model.ignore,
    predict: (images, n) => {
      if (n < 1 || n > batch || images.length !== n * image) {
        throw new Error(`Internal error: ${images.length} bytes for ${n} images of at most ${batch}`);
      }
      // The graph's shapes are static: a smaller batch is filled up with black images, whose classes are cut off.
      const full = n === batch ? images : new Uint8Array(batch * image);
      if (n < batch) full.set(images);
      const [packed] = session.run([[program.images, full]], [program.packed]);
      if (!(packed instanceof Int32Array)) throw new Error('Internal error: the classes are not packed');
      return new Uint8Array(packed.buffer, packed.byteOffset, n * height * width);
    },
    close: () => session.close(),
  };
}

function openSession(runtimeDir: string, graph: Graph): Session {
  const tmp = mkdtempSync(join(tmpdir(), 'ers-predict-'));
  try {
    return new Session(loadTensorFlow(runtimeDir), graph, tmp);
  } finally {
    rmSync(tmp, { recursive: true });
  }
}
