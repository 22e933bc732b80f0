import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Numbers of input files. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** Folder in which the peers are installed, once. */
  readonly cache: string;
  /** Peers that are timed on files, by name; undefined for all. */
  readonly timed: ReadonlySet<string> | undefined;
  /** Whether docs/benchmarks.md gets the tables. */
  readonly write: boolean;
  /** Whether the tables that are there stay above them. */
  readonly add: boolean;
  /** Files of the run that is measured once, without peers; 0 for none. */
  readonly many: number;
  /** Whether the fault probes and the stages side by side are done too. */
  readonly probes: boolean;
}

export const usage = `Times ers beside DVC, Snakemake, Turborepo, Nx, wireit and GNU make on the same project.
  npm run bench:engine -- [--quick] [--sizes 10,10000,100000] [--rounds 5] [--timed DVC,Turborepo] [--many 1000000] [--no-probes] [--write [--add]] [--cache FOLDER]
--quick: sizes 10 and 1000, 3 rounds.  --timed NAMES: only these peers beside ers, save in the faults.  --many N: ers alone on N files, once.  --write: puts the tables into docs/benchmarks.md; --add: below those that are there.
The peers are installed by pip and npm into --cache (${join('~', '.cache', 'ers-bench')}), once. One that cannot be is named and left out.
Exit code 1: ers failed. 2: an option is wrong.
`;

/** The options of the command line, or the sentence that says what is wrong with them. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  let values;
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const options = {
      quick: flag,
      sizes: text,
      rounds: text,
      many: text,
      timed: text,
      'no-probes': flag,
      write: flag,
      add: flag,
      cache: text,
    };
    values = parseArgs({ args: [...args], options }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const quick = values.quick === true;
  const sizes = (values.sizes ?? (quick ? '10,1000' : '10,10000,100000')).split(',').map(Number);
  const rounds = Number(values.rounds ?? (quick ? 3 : 5));
  const many = Number(values.many ?? 0);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 1 && size <= 1_000_000)) {
    return '--sizes must be whole numbers from 1 to 1000000, separated by commas.';
  }
  if (!Number.isSafeInteger(rounds) || rounds < 3) return '--rounds must be a whole number from 3.';
  if (!Number.isSafeInteger(many) || many < 0) return '--many must be a whole number.';
  const cache = values.cache ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'ers-bench');
  const probes = values['no-probes'] !== true;
  const timed = values.timed === undefined ? undefined : new Set(values.timed.split(','));
  return {
    sizes,
    rounds,
    cache,
    timed,
    many,
    probes,
    write: values.write === true,
    add: values.add === true,
  };
}
