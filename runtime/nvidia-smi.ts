import { loadedDriver } from './gpu.ts';
import { runProgram } from './install/program.ts';
import { findProgram } from './machine.ts';

/** An NVIDIA GPU of this machine. */
export interface Gpu {
  readonly name: string;
  readonly driver: string;
  /** CUDA's number of its generation, such as 9.0; null where nobody says. */
  readonly computeCapability: number | null;
}

/** The GPUs as the driver's program lists them; as the kernel does where the program is missing or fails. */
export async function askGpus(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<readonly Gpu[]> {
  const query = ['--query-gpu=name,driver_version,compute_cap', '--format=csv,noheader'];
  const program = findProgram(['nvidia-smi'], env['PATH']);
  if (program !== undefined) {
    const { code, output } = await runProgram(program, query, { env, signal });
    if (code === 0) return parseGpus(output);
  }
  const { gpus, driver } = loadedDriver();
  return gpus.map((name) => ({ name, driver: driver ?? 'unknown', computeCapability: null }));
}

/** A line a GPU: `NVIDIA H100 80GB HBM3, 570.86.15, 9.0`. */
export function parseGpus(output: string): readonly Gpu[] {
  return output.split('\n').flatMap((line) => {
    const [name, driver, capability = ''] = line.split(', ');
    if (name === undefined || driver === undefined) return [];
    return [{ name, driver, computeCapability: /^\d+\.\d+$/.test(capability) ? Number(capability) : null }];
  });
}

/**
 * What of ours a GPU's tensor cores multiply, by NVIDIA's table of compute capabilities: bf16 came with 8.0; null where the
 * capability is not known. TF32, which came with it, is switched off (`env.ts`).
 */
export function tensorCores({ computeCapability }: Gpu): 'bf16' | 'none that ers uses' | null {
  if (computeCapability === null) return null;
  return computeCapability >= 8 ? 'bf16' : 'none that ers uses';
}

/**
 * The GPU that TensorFlow computes on: the first of those that `CUDA_VISIBLE_DEVICES` (`visible`) lists, by its place among
 * the machine's. Where it does not say a place, any of them if they are all of one kind; else undefined.
 */
export function computingGpu(gpus: readonly Gpu[], visible: string | undefined): Gpu | undefined {
  const [first = ''] = visible?.split(',') ?? [];
  if (/^\d+$/.test(first)) return gpus[Number(first)];
  return new Set(gpus.map(({ name }) => name)).size === 1 ? gpus[0] : undefined;
}
