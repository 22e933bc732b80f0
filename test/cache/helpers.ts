import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FaultError, type Fault } from '../../base/fault.ts';

/** A new empty folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ers-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
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
