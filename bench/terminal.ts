import { loadavg } from 'node:os';

export function print(text: string): void {
  process.stdout.write(text);
}

/** Says on stderr why nothing is measured; the exit code for that. */
export function refuse(text: string): 2 {
  process.stderr.write(text);
  return 2;
}

/** The load averages of 1, 5 and 15 minutes. */
export function sayLoad(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}
