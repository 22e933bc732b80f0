import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FaultError, type Fault } from '../../base/fault.ts';
import { folderFault, systemCode } from './errno.ts';

/** Makes the folder that holds all runtimes. Throws `FaultError` ERS_RUNTIME_DISK where that cannot be. */
export function makeBase(base: string): void {
  const fault = faultOf(base, () => mkdirSync(base, { recursive: true }));
  if (fault !== undefined) throw new FaultError(fault);
}

/** What keeps the names in the folder of runtimes from being read; a folder that is not there yet is none. */
export function readFault(base: string): Fault | undefined {
  return faultOf(base, () => existsSync(base) && readdirSync(base));
}

/**
 * What keeps a folder from being made here. It is tried, because permission bits say little of mounts and of root;
 * nothing stays behind.
 */
export function writeFault(base: string): Fault | undefined {
  return faultOf(base, () => rmdirSync(mkdtempSync(join(existingPart(base), '.ers-test-'))));
}

/** Whether the folder of runtimes is there; a file in its place holds none. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** The nearest folder above a path that exists already. */
export function existingPart(path: string): string {
  let folder = resolve(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}

function faultOf(base: string, work: () => unknown): Fault | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return folderFault(base, code);
  }
}
