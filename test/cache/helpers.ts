import { FaultError, type Fault } from '../../base/fault.ts';

export { tempFolder as temporaryFolder } from '../temp-folder.ts';

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
