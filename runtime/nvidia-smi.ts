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
 * What a GPU's tensor cores multiply, by NVIDIA's table of compute capabilities: with 8.0 came TF32, which TensorFlow
 * takes for fp32 by default, and bf16.
 */
export function tensorCores({
  computeCapability,
}: Gpu): 'fp32 as TF32, and bf16' | 'none that ers uses' | null {
  if (computeCapability === null) return null;
  return computeCapability >= 8 ? 'fp32 as TF32, and bf16' : 'none that ers uses';
}
