import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { errnoOf, isMissing } from './errno.ts';
import { namesIn } from './listing.ts';
import { osPath } from './names.ts';

/**
 * Removes a file, or a folder with all in it, if it is there. A program may have left folders that nobody may enter:
 * whoever owns them can open them, so they are opened first. What belongs to another user stays an error of the system.
 */
export function removeWhole(path: string): void {
  try {
    rmSync(osPath(path), { recursive: true, force: true });
  } catch (error) {
    if (errnoOf(error) !== 'EACCES' && errnoOf(error) !== 'EPERM') throw error;
    openFolders(path);
    rmSync(osPath(path), { recursive: true, force: true });
  }
}

/** Links are not followed: what they lead to is not ours. What another process removes meanwhile needs no opening. */
function openFolders(path: string): void {
  try {
    if (lstatSync(osPath(path), { throwIfNoEntry: false })?.isDirectory() !== true) return;
    chmodSync(osPath(path), 0o700);
    for (const name of namesIn(path)) openFolders(`${path}/${name}`);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
