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
export function openPredictor(options: PredictorOptions): Promise<Predictor> {
  return Promise.reject(new Error(`Internal error: cannot open ${options.modelDir} yet`));
}
