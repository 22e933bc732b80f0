import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { errnoOf } from './errno.ts';
import { namesIn } from './listing.ts';
import { osPath } from './names.ts';
import { removeWhole } from './remove.ts';
import { temporaryFor } from './temporary.ts';

/**
 * Moves a folder by one rename. Where the system refuses that, as an overlay does for a folder of the image below it (a
 * store in a container's image) or for one that lies on another disk, by a copy that appears whole, after which the first
 * goes: killed between, both are there, the first perhaps in part. Throws what the system says.
 */
export function moveFolder(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    const copy = temporaryFor(to);
    try {
      copyWhole(from, copy);
      renameSync(copy, to);
    } catch (failed) {
      removeWhole(copy);
      throw failed;
    }
    removeWhole(from);
  }
}

/** Names go as their bytes. A FIFO, socket or device, which a damaged tree may hold, has no content to keep and would be waited for. */
function copyWhole(from: string, to: string): void {
  const stats = lstatSync(osPath(from));
  if (stats.isSymbolicLink()) {
    symlinkSync(readlinkSync(osPath(from), { encoding: 'buffer' }), osPath(to));
  } else if (stats.isDirectory()) {
    mkdirSync(osPath(to));
    for (const name of namesIn(from)) copyWhole(`${from}/${name}`, `${to}/${name}`);
    chmodSync(osPath(to), stats.mode);
  } else if (stats.isFile()) {
    copyFileSync(osPath(from), osPath(to));
  }
}
