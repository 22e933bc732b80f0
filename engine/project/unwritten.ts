import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { asSystemError, sayErrno } from '../../base/system-error.ts';
import { isTemporary } from '../../cache/temporary.ts';
import { sayPath } from './say-path.ts';

/**
 * Writes something of the project outside the store, whose loss must not undo a finished run. Where the system refuses,
 * returns a sentence that names `path` as the user would type it and says what to do; bugs fly on.
 */
export function sayUnwritten(root: string, path: string, write: () => void): string | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    const system = asSystemError(error);
    if (system === undefined) throw error;
    const { path: refused = path } = system;
    // What is not renamed yet has a random name that nobody knows.
    const meant = isTemporary(basename(refused)) ? path : refused;
    return `${sayPath(root, nearest(meant, root))} cannot be written: ${sayErrno(system.code)}; the results are safe in the store. Mend that and run again to see them in place`;
  }
}

/** What is there of a path, so that six stages below one closed folder give one sentence. */
function nearest(path: string, root: string): string {
  return existsSync(path) || dirname(path) === root || dirname(path) === path
    ? path
    : nearest(dirname(path), root);
}
