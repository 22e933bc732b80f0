import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelId, TensorData, TensorId } from '../../runtime/binding.ts';
import type { Feed, TensorFlow } from '../../runtime/load.ts';
import type { Graph, Tensor } from './graph.ts';
import { encodeSavedModel } from './saved-model.ts';

/** Values of a fed tensor, row-major. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** A recorded graph inside TensorFlow, with the state of its variables. Each `run` is one call into the library. */
export class Session {
  readonly #tensorFlow: TensorFlow;
  readonly #model: ModelId;

  /** `tmp` is an existing folder that may be written to; nothing is left in it. */
  constructor(tensorFlow: TensorFlow, graph: Graph, tmp: string) {
    this.#tensorFlow = tensorFlow;
    const dir = mkdtempSync(join(tmp, 'graph-'));
    try {
      writeFileSync(join(dir, 'saved_model.pb'), encodeSavedModel(graph));
      this.#model = tensorFlow.loadModel(dir);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  /** Feeds placeholders and returns a copy of each fetched tensor; uint8 and bfloat16 cannot be fetched. */
  run(feeds: readonly (readonly [Tensor, Values])[], fetches: readonly Tensor[]): TensorData[] {
    const held: TensorId[] = [];
    try {
      const inputs = feeds.map(([tensor, values]) => {
        const id = this.#tensorFlow.feed(tensor.shape, feedOf(tensor, values));
        held.push(id);
        return { name: nameOf(tensor), tensor: id };
      });
      const outputs = this.#tensorFlow.runModel(this.#model, inputs, fetches.map(nameOf));
      held.push(...outputs.map((output) => output.id));
      return outputs.map((output) => this.#tensorFlow.read(output.id));
    } finally {
      this.#tensorFlow.free(...held);
    }
  }

  close(): void {
    this.#tensorFlow.freeModel(this.#model);
  }
}

function nameOf(tensor: Tensor): string {
  return `${tensor.node.name}:${tensor.index}`;
}

function feedOf(tensor: Tensor, values: Values): Feed {
  if (tensor.dtype === 'float32' && values instanceof Float32Array) return { dtype: 'float32', values };
  if (tensor.dtype === 'int32' && values instanceof Int32Array) return { dtype: 'int32', values };
  if (tensor.dtype === 'uint8' && values instanceof Uint8Array) return { dtype: 'uint8', values };
  throw new Error(
    `Internal error: ${tensor.node.name} takes ${tensor.dtype}, not ${values.constructor.name}`,
  );
}
