import { asSystemError } from '../base/system-error.ts';
import { exitCodes } from './exit-codes.ts';
import { printFaults } from './faults.ts';
import { currentFolder, processIo, type Io } from './io.ts';
import { sayUncaught } from './last-resort.ts';
import type { Where } from './open.ts';
import { runProgram } from './program.ts';

/**
 * The program: `argv` without node and script. Resolves to the exit code (`exit-codes.ts`); bugs reject. An error of the
 * system that nobody foresaw is one sentence.
 */
export async function main(argv: readonly string[], where: Where): Promise<number> {
  const folder = currentFolder();
  const io = processIo(argv, folder.ok ? folder.value : '/');
  if (!folder.ok) {
    printFaults(folder.faults, io);
    return exitCodes.usage;
  }
  process.on('uncaughtException', (error) => {
    tell(error, io);
    process.exit(exitCodes.failed);
  });
  try {
    return await runProgram(argv, io, where);
  } catch (error) {
    if (asSystemError(error) === undefined) throw error;
    tell(error, io);
    return exitCodes.failed;
  }
}

function tell(error: unknown, io: Io): void {
  io.err(sayUncaught(error, io.env['ERS_DEBUG'] === '1'));
}
