import { FaultError } from '../../base/fault.ts';

/** Runs `work` and turns the system's word for a full or closed disk into a fault: ERS_RUNTIME_DISK. */
export async function diskFaultOf<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const found = typeof code === 'string' ? meanings[code] : undefined;
    if (found === undefined) throw error;
    throw new FaultError({
      code: 'ERS_RUNTIME_DISK',
      message: `The folder for native TensorFlow cannot be written: ${found}.`,
      place: { file: folder },
      hint: 'Free some space or mend its permissions, or put the runtime elsewhere with ERS_RUNTIME_DIR=FOLDER.',
    });
  }
}

const meanings: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of its path is a file',
};

/** Whether an error says that a file or a folder on its path is not there. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
