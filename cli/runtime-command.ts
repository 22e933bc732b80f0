import { doctor, type DoctorCommandOptions } from './doctor.ts';
import { exitCodes } from './exit-codes.ts';
import { takeSignals } from './interrupt.ts';
import type { Io } from './io.ts';
import { setup, type SetupIo, type SetupOptions } from './setup.ts';

/** `ers setup` as the program calls it: with the process's signals. */
export function setupCommand(options: SetupOptions, io: Io): Promise<number> {
  return withSignals(io, (own) => setup(options, own));
}

/** `ers doctor` as the program calls it. */
export function doctorCommand(options: DoctorCommandOptions, io: Io): Promise<number> {
  return withSignals(io, (own) => doctor(options, own));
}

async function withSignals(io: Io, work: (own: SetupIo) => Promise<number>): Promise<number> {
  const interrupt = takeSignals(
    () => io.err('stopping…'),
    () => process.exit(exitCodes.interrupted),
  );
  try {
    return await work({
      out: io.write,
      error: io.writeError,
      signal: interrupt.stop,
      isTerminal: io.interactive,
    });
  } finally {
    interrupt.dispose();
  }
}
