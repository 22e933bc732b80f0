import { execFile } from 'node:child_process';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from './errno.ts';
import { osPath } from './names.ts';

/** Above this many files one `sync` of the whole file system is faster than one `fsync` a file. */
const manyFiles = 200;

/** Waits until files and folders are on the disk, so that a power cut cannot empty what a record names. */
export async function syncAll(paths: readonly string[], root: string): Promise<void> {
  if (paths.length > manyFiles && (await syncFileSystem(root))) return;
  for (const path of paths) syncPath(path);
}

/** `fsync` of one file or folder. Some shares know none for folders: there is no more to be had from them. */
export function syncPath(path: string): void {
  const opened = openSync(osPath(path), 'r');
  try {
    fsyncSync(opened);
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    closeSync(opened);
  }
}

/** False where this `sync` knows no `-f` (macOS). */
async function syncFileSystem(root: string): Promise<boolean> {
  try {
    await promisify(execFile)('sync', ['-f', root]);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  }
}
