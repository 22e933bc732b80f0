import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { precisions, type Precision } from '../../nn/precision.ts';

export const experimentNames = ['demo', 'monterey'] as const;
export type ExperimentName = (typeof experimentNames)[number];

export interface BenchOptions {
  readonly experiments: readonly ExperimentName[];
  /** Of the first weights and of the order of the samples; the shards stay the same. */
  readonly seeds: readonly number[];
  /** Null: as the experiment's config says. */
  readonly epochs: number | null;
  /** Of activations in training; on PyTorch's side bf16 is autocast. */
  readonly precision: Precision;
  readonly threads: number;
  /** Folder with the tiles of monterey. */
  readonly tiles: string;
  /** File that the seeds' results are added to, and which the summary reads; null: those of this call only. */
  readonly results: string | null;
}

export const usage = `Trains the same shards with ers and with the recipe in PyTorch, and compares IoU and wall time.
  npm run bench:recipe -- [--data demo,monterey] [--seeds 1,2,3] [--epochs N] [--precision fp32] [--threads N] [--tiles ../shared/data/monterey] [--results FILE] [--quick]
demo: what \`npx ers run\` does in this folder. monterey: configs/monterey.yaml on the tiles in --tiles; left out where there are none.
--epochs: another number for max_epochs and T_max.  --quick: two epochs, one seed.
--results: a file in which calls with a seed each come together; the summary is of all seeds in it.
PYTHON=… names the Python that has torch (bench/peers/README.md says how to make it); without it: python3.
Exit code 1: a side failed. 2: PyTorch is not there, or an option is wrong.
`;

/** The options of the command line, or the sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  let values;
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const known = {
      data: text,
      seeds: text,
      epochs: text,
      threads: text,
      tiles: text,
      quick: flag,
      results: text,
      precision: text,
    };
    values = parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const quick = values.quick === true;
  const asked = values.data?.split(',') ?? experimentNames;
  const experiments = experimentNames.filter((name) => asked.includes(name));
  if (experiments.length < asked.length) return `--data must be some of ${experimentNames.join(',')}.`;
  const seeds = (values.seeds ?? (quick ? '1' : '1,2,3')).split(',').map(Number);
  if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) {
    return '--seeds must be whole numbers from 0, separated by commas.';
  }
  if (new Set(seeds).size < seeds.length) return '--seeds must differ.';
  const precision = precisions.find((name) => name === (values.precision ?? 'fp32'));
  if (precision === undefined) return `--precision must be one of ${precisions.join(', ')}.`;
  const epochs = values.epochs === undefined ? (quick ? 2 : null) : Number(values.epochs);
  const threads = Number(values.threads ?? availableParallelism());
  for (const [name, value] of Object.entries({ epochs: epochs ?? 1, threads })) {
    if (!Number.isSafeInteger(value) || value < 1) return `--${name} must be a whole number from 1.`;
  }
  return {
    experiments,
    seeds,
    epochs,
    precision,
    threads,
    tiles: values.tiles ?? '../shared/data/monterey',
    results: values.results ?? null,
  };
}
