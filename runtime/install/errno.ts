import { FaultError, type Fault } from '../../base/fault.ts';

/** Runs `work` and turns the system's word for a full or closed disk into a fault: ERS_RUNTIME_DISK. */
export async function diskFaultOf<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || code === 'EEXIST' || meanings[code] === undefined) throw error;
    throw new FaultError(folderFault(folder, code));
  }
}

/** The fault for a folder of runtimes that the system refuses with `code`, such as `EACCES`. */
export function folderFault(folder: string, code: string): Fault {
  return {
    code: 'ERS_RUNTIME_DISK',
    message: `The folder for native TensorFlow cannot be used: ${meanings[code] ?? code}.`,
    place: { file: folder },
    hint: `${hints[code] ?? 'Free some space or mend its permissions'}, or put the runtime elsewhere with ERS_RUNTIME_DIR=FOLDER.`,
  };
}

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'the path or a part of it is a file',
  // What mkdir says where a file lies already.
  EEXIST: 'the path is a file',
};

const hints: Readonly<Record<string, string>> = {
  ENOTDIR: 'Move the file away',
  EEXIST: 'Move the file away',
  EROFS: 'Mount it writable',
};

/** `ENOSPC` and the like; undefined for what is no error of the system. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an error says that a file or a folder on its path is not there. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
