import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ExperimentName } from './options.ts';
import type { Pair } from './outcome.ts';

/** A line of a file of results: one seed of one experiment. */
interface Result {
  readonly experiment: ExperimentName;
  readonly pair: Pair;
}

/** What earlier calls of the bench found. */
export function earlierPairs(file: string | null, experiment: ExperimentName): readonly Pair[] {
  if (file === null || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result)
    .filter((result) => result.experiment === experiment)
    .map(({ pair }) => pair);
}

export function keepPair(file: string | null, experiment: ExperimentName, pair: Pair): void {
  if (file !== null) appendFileSync(file, `${JSON.stringify({ experiment, pair } satisfies Result)}\n`);
}
