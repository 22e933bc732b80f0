import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { precisions, type Precision } from '../../nn/precision.ts';
import { processor } from '../../runtime/machine.ts';
import { tensorFlowVersion } from '../../runtime/pins.ts';
import { makeProject } from '../recipe/experiments.ts';
import { prepare, trainParams, trainWithErs, type Project } from '../recipe/our-side.ts';
import { SideFailed } from '../recipe/side.ts';
import { print, refuse } from '../terminal.ts';
import { readOptions, usage } from './options.ts';
import { heading, line, summary, type Trained } from './report.ts';

export interface BenchProgram {
  readonly args: readonly string[];
  /** The checkout that is measured. */
  readonly root: string;
}

/** The exit code: 0, 1 when a run failed, 2 when an option is wrong or the tiles are missing. */
export async function main({ args, root }: BenchProgram): Promise<number> {
  if (args.includes('--help')) {
    print(usage);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') return refuse(`${options}\n${usage}`);
  const { seeds, threads } = options;
  // Ctrl-C reaches `ers run` too; its end is the bench's, and what lies on the disk is removed.
  process.on('SIGINT', () => undefined);
  const work = mkdtempSync(join(tmpdir(), 'ers-bench-precision-'));
  const projectOf = (precision: Precision): Project => ({ root, folder: join(work, precision), threads });
  try {
    for (const precision of precisions) {
      const { folder } = projectOf(precision);
      const missing = makeProject(root, folder, 'monterey', {
        ...options,
        precision,
        tiles: resolve(options.tiles),
      });
      if (missing !== undefined) return refuse(`${missing}: --tiles names the folder.\n`);
      await prepare(projectOf(precision), seeds[0] ?? 0);
    }
    print(`fp32 and bf16 on ${new Date().toISOString().slice(0, 10)}, ${threads} threads\n`);
    print(`TensorFlow ${tensorFlowVersion}, Node ${process.versions.node}\n`);
    print(
      `${processor().model}; ${processor().features.join(' ')}; load average before: ${loadavg()[0]?.toFixed(2) ?? ''}\n`,
    );
    const trained: Trained[] = [];
    for (const seed of seeds) {
      const fp32 = await trainWithErs(projectOf('fp32'), seed);
      if (trained.length === 0) print(`${say(projectOf('fp32'), seed)}\n${heading}\n`);
      const next = { seed, fp32, bf16: await trainWithErs(projectOf('bf16'), seed) };
      trained.push(next);
      print(`${line(next)}\n`);
    }
    print(`${summary(trained).join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof SideFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function say(project: Project, seed: number): string {
  const { model, train } = trainParams(project, seed);
  return `configs/monterey.yaml: Unet-${model.encoder_name}, batches of ${train.batch_size}, ${train.max_epochs} epochs; IoU is micro-imagewise; s: wall time of the train stage`;
}
