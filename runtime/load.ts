import { constants } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { FaultError } from '../base/fault.ts';
import {
  attributeType,
  dataType,
  type Binding,
  type ModelId,
  type OpAttribute,
  type TensorData,
  type TensorId,
  type TensorInfo,
} from './binding.ts';

/** File name of the compiled addon in a runtime's folder. */
export const addonFile = 'tfjs_binding.node';

/** Values that can be handed to TensorFlow, by the dtype that they become. */
export type Feed =
  | { readonly dtype: 'float32'; readonly values: Float32Array }
  | { readonly dtype: 'int32'; readonly values: Int32Array }
  | { readonly dtype: 'uint8' | 'bool'; readonly values: Uint8Array }
  | { readonly dtype: 'string'; readonly values: readonly string[] };

/** Native TensorFlow in this process. Every call is synchronous and throws an `Error` with TensorFlow's message. */
export interface TensorFlow {
  readonly version: string;
  readonly usesGpu: boolean;
  /** A tensor with a copy of the values: the array may be written to again at once. Row-major; `[]` is a scalar. */
  feed(shape: readonly number[], feed: Feed): TensorId;
  /** A copy of the tensor's values. uint8 and bfloat16 cannot be read: cast them first. */
  read(tensor: TensorId): TensorData;
  free(...tensors: readonly TensorId[]): void;
  /** Runs one op eagerly. Its outputs belong to the caller, who frees them. */
  execute(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorId[],
    outputs: number,
  ): readonly TensorInfo[];
  /** Loads the SavedModel in `dir`. Models share no variables. */
  loadModel(dir: string, tags?: readonly string[]): ModelId;
  /** Runs part of the graph: `inputs` and `outputs` are named `op:index`. The outputs belong to the caller. */
  runModel(
    model: ModelId,
    inputs: readonly { readonly name: string; readonly tensor: TensorId }[],
    outputs: readonly string[],
  ): readonly TensorInfo[];
  freeModel(model: ModelId): void;
  /** How many tensors are alive: the same before and after a step, or it leaks. */
  tensors(): number;
}

let loaded: { readonly dir: string; readonly tensorFlow: TensorFlow } | undefined;

/**
 * Loads TensorFlow from a runtime's folder (`ensureRuntime`) into this process; a second call gives the same object.
 * The environment (`tensorFlowEnv`) must be set before the process starts.
 * Throws `FaultError` ERS_RUNTIME_DAMAGED when the libraries cannot be loaded.
 */
export function loadTensorFlow(dir: string): TensorFlow {
  if (!isMainThread) {
    throw new Error('Internal error: the addon works on the main thread only; use a process of its own');
  }
  if (loaded !== undefined && loaded.dir !== dir) {
    throw new Error(`Internal error: this process has loaded TensorFlow from ${loaded.dir} already`);
  }
  loaded ??= { dir, tensorFlow: wrap(open(join(dir, addonFile))) };
  return loaded.tensorFlow;
}

function open(file: string): Binding {
  const addon: { exports: Partial<Binding> } = { exports: {} };
  try {
    process.dlopen(addon, file, constants.dlopen.RTLD_NOW);
  } catch (error) {
    throw new FaultError({
      code: 'ERS_RUNTIME_DAMAGED',
      message: `Native TensorFlow does not load: ${error instanceof Error ? error.message : String(error)}`,
      place: { file },
      hint: 'Run `npx ers setup` to check and repair it; `npx ers doctor` shows what this machine has.',
    });
  }
  if (!isBinding(addon.exports)) throw new Error(`Internal error: ${file} is not the TensorFlow addon`);
  return addon.exports;
}

function isBinding(exports: Partial<Binding>): exports is Binding {
  return typeof exports.executeOp === 'function' && typeof exports.TF_Version === 'string';
}

function wrap(binding: Binding): TensorFlow {
  return {
    version: binding.TF_Version,
    usesGpu: binding.isUsingGpuDevice(),
    feed: (shape, feed) => {
      if (feed.dtype === 'string') {
        const bytes = feed.values.map((value) => new TextEncoder().encode(value));
        return binding.createTensor(shape, dataType.string, bytes);
      }
      const shared = binding.createTensor(shape, dataType[feed.dtype], feed.values);
      try {
        // The addon frees a JavaScript reference on whatever thread drops the tensor last, which corrupts the heap.
        const type = { name: 'T', type: attributeType.type, value: dataType[feed.dtype] } as const;
        const [copy] = binding.executeOp('DeepCopy', [type], [shared], 1);
        if (copy === undefined) throw new Error('Internal error: DeepCopy gave no tensor');
        return copy.id;
      } finally {
        binding.deleteTensor(shared);
      }
    },
    read: (tensor) => binding.tensorDataSync(tensor),
    free: (...tensors) => {
      for (const tensor of tensors) binding.deleteTensor(tensor);
    },
    execute: (op, attributes, inputs, outputs) => binding.executeOp(op, attributes, inputs, outputs),
    loadModel: (dir, tags = ['serve']) => binding.loadSavedModel(dir, tags.join(',')),
    runModel: (model, inputs, outputs) =>
      binding.runSavedModel(
        model,
        inputs.map((input) => input.tensor),
        inputs.map((input) => input.name).join(','),
        outputs.join(','),
      ),
    freeModel: (model) => binding.deleteSavedModel(model),
    tensors: () => binding.getNumOfTensors(),
  };
}
