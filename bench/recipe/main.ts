import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tensorFlowVersion } from '../../runtime/pins.ts';
import { processor } from '../../runtime/machine.ts';
import { print, refuse, sayLoad } from '../terminal.ts';
import { makeProject } from './experiments.ts';
import { readOptions, usage, type BenchOptions, type ExperimentName } from './options.ts';
import { prepare, trainParams, trainWithErs, type Bench, type TrainParams } from './our-side.ts';
import type { Pair } from './outcome.ts';
import { heading, pairLines, summary } from './report.ts';
import { earlierPairs, keepPair } from './results.ts';
import { SideFailed } from './side.ts';
import { askTorch, testInTorch, trainWithTorch } from './torch-side.ts';

export interface BenchProgram {
  readonly args: readonly string[];
  /** The checkout that is measured. */
  readonly root: string;
}

/** The exit code: 0, 1 when a side failed, 2 when PyTorch is missing or an option is wrong. */
export async function main({ args, root }: BenchProgram): Promise<number> {
  if (args.includes('--help')) {
    print(usage);
    return 0;
  }
  const options = readOptions(args);
  if (typeof options === 'string') return refuse(`${options}\n${usage}`);
  const python = process.env['PYTHON'] ?? 'python3';
  // Ctrl-C reaches the sides too; the end of a side ends the bench, and what lies on the disk is removed.
  process.on('SIGINT', () => undefined);
  const work = mkdtempSync(join(tmpdir(), 'ers-bench-recipe-'));
  try {
    const torch = await askTorch({ root, python, folder: work, threads: options.threads });
    if (torch === undefined) {
      return refuse(
        `${python} cannot be used: bench/peers/README.md says how to make one with PyTorch; PYTHON=… names it.\n`,
      );
    }
    print(`the recipe on ${new Date().toISOString().slice(0, 10)}, ${options.threads} threads\n`);
    print(`TensorFlow ${tensorFlowVersion}, Node ${process.versions.node}; ${torch}, channels_last\n`);
    print(`${processor().model}; ${processor().features.join(' ')}\n`);
    for (const name of options.experiments) {
      await experiment(name, { root, python, folder: join(work, name), threads: options.threads }, options);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof SideFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The same shards, trained on by both sides with each seed; who is first changes from seed to seed. */
async function experiment(name: ExperimentName, bench: Bench, options: BenchOptions): Promise<void> {
  const missing = makeProject(bench.root, bench.folder, name, {
    ...options,
    tiles: resolve(options.tiles),
  });
  if (missing !== undefined) {
    print(`\nleft out: ${name}: ${missing}\n`);
    return;
  }
  await prepare(bench, options.seeds[0] ?? 0);
  const before = sayLoad();
  const pairs: Pair[] = [...earlierPairs(options.results, name)];
  let params: TrainParams | undefined;
  for (const seed of options.seeds) {
    // PyTorch is told the parameters as ers filled them in, so ers is first at first.
    const early =
      params === undefined || pairs.length % 2 === 0 ? undefined : await trainWithTorch(bench, params, seed);
    const ours = await trainWithErs(bench, seed);
    if (params === undefined) {
      params = trainParams(bench, seed);
      print(`\n${name}: ${say(params, bench.folder)}; load average before: ${before}\n${heading}\n`);
    }
    const torch = early ?? (await trainWithTorch(bench, params, seed));
    const pair = { seed, ours, torch, oursInTorch: await testInTorch(bench, params) };
    pairs.push(pair);
    keepPair(options.results, name, pair);
    print(`${pairLines(pair).join('\n')}\n`);
  }
  print(`${summary(pairs).join('\n')}\n`);
  print(`load average at the end (1, 5, 15 min): ${sayLoad()}\n`);
}

function say({ model, train }: TrainParams, folder: string): string {
  const [of, val, test] = ['train', 'val', 'test'].map(
    (set) =>
      JSON.parse(readFileSync(join(folder, 'artifacts', 'shards', set, 'dataset.json'), 'utf8')) as {
        readonly samples: number;
        readonly height: number;
        readonly width: number;
        readonly classes: readonly { readonly train: number | null }[];
      },
  );
  const classes = of?.classes.filter((each) => each.train !== null).length ?? 0;
  return [
    `Unet-${model.encoder_name}, ${classes} classes, ${of?.height ?? 0}×${of?.width ?? 0}, ${train.precision}`,
    `${of?.samples ?? 0} train, ${val?.samples ?? 0} val and ${test?.samples ?? 0} test samples`,
    `batches of ${train.batch_size}, at most ${train.max_epochs} epochs`,
  ].join('; ');
}
