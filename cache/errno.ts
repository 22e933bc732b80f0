import { FaultError } from '../base/fault.ts';

/** `ENOENT`, `EACCES` … of an error that the system gave; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Nothing is at the path, or at a folder above it. */
export function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** Something is there already; a folder that is not empty is not replaced. */
export function isExisting(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EEXIST' || errno === 'ENOTEMPTY';
}

/** No space is left, on the disk or of the user's quota. */
export function isFull(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

/** A path, or a name in it, is longer than the system takes. */
export function isTooLong(error: unknown): boolean {
  return errnoOf(error) === 'ENAMETOOLONG';
}

/** The process or machine is out of file handles or memory: the fault is not the file's. */
export function isExhausted(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EMFILE' || errno === 'ENFILE' || errno === 'ENOMEM';
}

/** The file system or its rights forbid to write. */
export function isReadOnly(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EROFS' || errno === 'EACCES' || errno === 'EPERM';
}

function isWrongKind(error: unknown): boolean {
  return ['EEXIST', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '');
}

/** Turns what the user can mend about the store's disk into a `FaultError`; any other error flies on as it is. */
export function asStoreFault(error: unknown, root: string): unknown {
  if (isFull(error)) {
    return new FaultError({
      code: 'ERS_DISK_FULL',
      message: `No space is left for the store ${root}; nothing was recorded.`,
      place: { file: root },
      hint: 'Free some space there and run again.',
    });
  }
  if (isReadOnly(error)) return new FaultError(readOnlyFault(root));
  if (isWrongKind(error)) {
    const path = error instanceof Error && 'path' in error ? String(error.path) : root;
    return new FaultError({
      code: 'ERS_STORE_DAMAGED',
      message: `In the store ${root} a file lies where a folder should, or the other way round: ${path}.`,
      place: { file: path },
      hint: 'Move it away and run again.',
    });
  }
  return error;
}

/** What a store that cannot be written to is told as. */
export function readOnlyFault(root: string) {
  return {
    code: 'ERS_STORE_READ_ONLY',
    message: `The store ${root} cannot be written to.`,
    place: { file: root },
    hint: 'Give yourself write permission there, or name another store with `store:` or ERS_STORE.',
  } as const;
}
