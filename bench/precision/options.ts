import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Of the first weights and of the order of the samples; the shards stay the same. */
  readonly seeds: readonly number[];
  /** Null: as configs/monterey.yaml says. */
  readonly epochs: number | null;
  readonly threads: number;
  /** Folder with the tiles of monterey. */
  readonly tiles: string;
}

export const usage = `Trains configs/monterey.yaml in fp32 and in bf16 with each seed by \`ers run\`, and prints the IoU of each.
  npm run bench:precision -- [--seeds 1,2,3] [--epochs N] [--threads N] [--tiles ../shared/data/monterey]
--epochs: another number for max_epochs and T_max.
Exit code 1: a run failed. 2: an option is wrong, or the tiles are not there.
`;

/** The options of the command line, or the sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  const text = { type: 'string' } as const;
  let values: Readonly<Record<string, string | undefined>>;
  try {
    values = parseArgs({
      args: [...args],
      options: { seeds: text, epochs: text, threads: text, tiles: text },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const seeds = (values['seeds'] ?? '1,2,3').split(',').map(Number);
  if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) {
    return '--seeds must be whole numbers from 0, separated by commas.';
  }
  if (new Set(seeds).size < seeds.length || seeds.length < 2) {
    return '--seeds must be at least two different numbers.';
  }
  const epochs = values['epochs'] === undefined ? null : Number(values['epochs']);
  const threads = Number(values['threads'] ?? availableParallelism());
  for (const [name, value] of Object.entries({ epochs: epochs ?? 1, threads })) {
    if (!Number.isSafeInteger(value) || value < 1) return `--${name} must be a whole number from 1.`;
  }
  return { seeds, epochs, threads, tiles: values['tiles'] ?? '../shared/data/monterey' };
}
