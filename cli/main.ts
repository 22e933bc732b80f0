import { processIo } from './io.ts';
import type { Where } from './open.ts';
import { runProgram } from './program.ts';

/** The program: `argv` without node and script. Resolves to the exit code (`exit-codes.ts`); bugs reject. */
export function main(argv: readonly string[], where: Where): Promise<number> {
  return runProgram(argv, processIo(), where);
}
