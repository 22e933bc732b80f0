/** Numbers of TensorFlow's `TF_DataType` (tensorflow/c/tf_datatype.h) that the project uses. */
export const dataType = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** Numbers of `TF_AttrType` (tensorflow/c/tf_attrtype.h). */
export const attributeType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/**
 * An attribute of an op that is run eagerly. Lists are allowed for int, float and bool only:
 * the addon has no lists of strings, types or shapes. Elements of an int list must fit into 32 bits.
 */
export type OpAttribute =
  | { readonly name: string; readonly type: typeof attributeType.string; readonly value: string }
  | {
      readonly name: string;
      readonly type: typeof attributeType.int | typeof attributeType.float;
      readonly value: number | readonly number[];
    }
  | {
      readonly name: string;
      readonly type: typeof attributeType.bool;
      readonly value: boolean | readonly boolean[];
    }
  /** `value` is a number of `dataType`. */
  | { readonly name: string; readonly type: typeof attributeType.type; readonly value: number }
  | { readonly name: string; readonly type: typeof attributeType.shape; readonly value: readonly number[] };

/** A tensor that TensorFlow holds. It lives until it is deleted: nothing collects it. */
export type TensorId = number & { readonly __brand: 'TensorId' };

/** A SavedModel that TensorFlow holds with its variables. */
export type ModelId = number & { readonly __brand: 'ModelId' };

export interface TensorInfo {
  readonly id: TensorId;
  readonly shape: readonly number[];
  /** A number of `dataType`. */
  readonly dtype: number;
}

/** What a tensor's elements look like in JavaScript. A string tensor is read as its elements' bytes. */
export type TensorData = Float32Array | Int32Array | Uint8Array | BigInt64Array | readonly Uint8Array[];

/**
 * The addon's own interface (binding/tfjs_binding.cc of @tensorflow/tfjs-node-gpu 4.22.0), as far as it is used.
 * Everything is synchronous and throws an `Error` with TensorFlow's message.
 */
export interface Binding {
  readonly TF_Version: string;
  /** Shares the memory of `values` with TensorFlow, which may drop it on any thread: use `TensorFlow.feed`. */
  createTensor(
    shape: readonly number[],
    dtype: number,
    values: Float32Array | Int32Array | Uint8Array | readonly Uint8Array[],
  ): TensorId;
  deleteTensor(tensor: TensorId): void;
  /** A copy of the tensor. Cannot read uint8 and bfloat16: cast first. */
  tensorDataSync(tensor: TensorId): TensorData;
  executeOp(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorId[],
    outputs: number,
  ): TensorInfo[];
  loadSavedModel(dir: string, tags: string): ModelId;
  /** Names are `op:index`, joined by commas, in the order of the tensors. */
  runSavedModel(
    model: ModelId,
    inputs: readonly TensorId[],
    inputNames: string,
    outputNames: string,
  ): TensorInfo[];
  deleteSavedModel(model: ModelId): void;
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
  isUsingGpuDevice(): boolean;
}
