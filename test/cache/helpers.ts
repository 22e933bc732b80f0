import { FaultError, type Fault } from '../../base/fault.ts';
import { fileClock } from '../../cache/clock.ts';

export { tempFolder as temporaryFolder } from '../temp-folder.ts';

/** Returns when what is written from now on bears another time: many file systems count it in steps of some ms. */
export function nextStep(folder: string): void {
  const clock = fileClock(folder);
  const now = clock.now();
  while (clock.now() === now);
}

/** The faults that `work` ends in; fails if it succeeds or throws anything else. */
export async function faultsOf(work: Promise<unknown>): Promise<readonly Fault[]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  throw new Error('expected a fault');
}
