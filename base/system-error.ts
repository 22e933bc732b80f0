/** An error that the operating system gave: a full disk, a missing right, a file where a folder should be. */
export interface SystemError {
  /** `EACCES` and its like. */
  readonly code: string;
  /** The call that failed, such as `mkdir`. */
  readonly call: string;
  readonly path?: string;
}

/** The system's part of an error; undefined for an error that came from elsewhere, which is a bug. */
export function asSystemError(error: unknown): SystemError | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return undefined;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined;
  return { code, call: syscall ?? 'a call', ...(path === undefined ? {} : { path }) };
}

/** `permission denied (EACCES)`. */
export function sayErrno(code: string): string {
  const meaning = meanings.get(code);
  return meaning === undefined ? code : `${meaning} (${code})`;
}

/** errno(3). */
const meanings: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EBUSY', 'it is in use'],
  ['EDQUOT', 'your share of the disk is used up'],
  ['EEXIST', 'something lies there already'],
  ['EFBIG', 'a file became larger than allowed'],
  ['EIO', 'the disk failed'],
  ['EISDIR', 'a folder lies there, not a file'],
  ['ELOOP', 'links lead in a circle'],
  ['EMFILE', 'ers has too many files open, see ulimit -n'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENFILE', 'the machine has too many files open'],
  ['ENOENT', 'there is nothing there'],
  ['ENOMEM', 'the memory is used up'],
  ['ENOSPC', 'no space is left on the disk'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['ENOTEMPTY', 'the folder is not empty'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the disk is read-only'],
  ['ETXTBSY', 'the program is in use'],
]);
