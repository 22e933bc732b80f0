import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorFlowEnv } from '../../runtime/env.ts';
import { prepareJob } from './job.ts';
import type { BenchOptions } from './options.ts';
import { files, recipe, type Ready } from './protocol.ts';
import { Side } from './side.ts';

/** How the sides are started. */
export interface Programs {
  /** Built from our-side.ts. */
  readonly ourSide: string;
  /** Folder of native TensorFlow. */
  readonly runtime: string;
  /** bench/peers/torch_step.py. */
  readonly torchSide: string;
  readonly python: string;
}

export interface Sides {
  readonly ours: Side;
  readonly torch: Side;
  readonly ready: { readonly ours: Ready; readonly torch: Ready };
}

/** Works with both sides, which start from the same weights and hold the same batch, and ends them. Throws `SideEnded`. */
export async function withSides<Result>(
  { ourSide, runtime, torchSide, python }: Programs,
  options: BenchOptions,
  use: (sides: Sides) => Promise<Result>,
): Promise<Result> {
  const { threads, device } = options;
  const dir = mkdtempSync(join(tmpdir(), 'ers-bench-train-'));
  // A side on the processor must not see a GPU; CUDA takes the empty list as none.
  const devices: Readonly<Record<string, string>> = device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '' } : {};
  try {
    const job = await prepareJob(dir, options);
    const ours = new Side('ers', process.execPath, [ourSide, JSON.stringify(job), runtime], {
      ...tensorFlowEnv(threads),
      ...devices,
    });
    try {
      const ourReady = await ours.ready();
      const torch = new Side('torch', python, [torchSide, JSON.stringify({ ...job, ...recipe, files })], {
        OMP_NUM_THREADS: String(threads),
        MKL_NUM_THREADS: String(threads),
        ...devices,
      });
      try {
        const torchReady = await torch.ready();
        // Both have read their files. The weights are large, and Ctrl-C would leave them behind.
        rmSync(dir, { recursive: true });
        return await use({ ours, torch, ready: { ours: ourReady, torch: torchReady } });
      } finally {
        await torch.stop();
      }
    } finally {
      await ours.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
