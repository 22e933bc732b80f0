import { arch } from 'node:os';

/** Threads of one op, and how many ops run side by side. */
export const threadVariables = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'] as const;

/** What NVIDIA's libraries ask whether they may multiply fp32 numbers in TF32: 0 forbids it, whatever a program asks for. */
export const tf32Variable = 'NVIDIA_TF32_OVERRIDE';

/**
 * Environment of a process that loads TensorFlow; it is read once, when the library starts.
 * `threads` caps the threads of one op, on which the bits of a result depend.
 */
export function tensorFlowEnv(threads?: number): Readonly<Record<string, string>> {
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Without it TensorFlow takes the whole memory of a GPU that others may use too.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // CUDA puts the fastest GPU first; the engine counts them as the driver lists them.
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    // cuBLAS and cuDNN would round the factors of fp32 products to 10 bits (TF32), on the GPUs that can.
    [tf32Variable]: '0',
    ...(arch() === 'x64' ? { TF_ENABLE_ONEDNN_OPTS: '1' } : {}),
    ...(threads === undefined ? {} : threadsEnv(threads)),
  };
}

/**
 * Ops that wait for memory leave cores idle, which others can use: with twice as many ops side by side as cores a step takes
 * some percent less (docs/performance.md). The bits do not depend on it. One thread stays one.
 */
function threadsEnv(threads: number): Readonly<Record<string, string>> {
  const [ofOneOp, ofOps] = threadVariables;
  return { [ofOneOp]: String(threads), [ofOps]: String(threads === 1 ? 1 : 2 * threads) };
}
