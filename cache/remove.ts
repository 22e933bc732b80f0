import { randomUUID } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { errnoOf, isReadOnly } from './errno.ts';
import { namesIn } from './listing.ts';
import { osPath } from './names.ts';

/** A folder whose path has more bytes goes up: together with a name, at most 255, it stays below the system's 4096. */
const deep = 2048;

/**
 * Removes a file or folder with all below it; nothing happens if it is gone. A program may leave folders that it closed to
 * everybody, or that lie deeper than a path can reach: these go too. Throws if something of another user stays.
 */
export function removeWhole(path: string): void {
  try {
    rmSync(osPath(path), { recursive: true, force: true });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    open(path);
    rmSync(osPath(path), { recursive: true, force: true });
  }
}

/** Gives the owner of a folder all rights to it, who otherwise could not even rename it. A link, or what another user owns, is left alone. */
export function giveRights(folder: string): void {
  if (lstatSync(osPath(folder), { throwIfNoEntry: false })?.isDirectory() !== true) return;
  try {
    chmodSync(osPath(folder), 0o700);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
}

/** Makes each folder one that can be read and emptied by a path. What another process or user hinders stays. */
function open(top: string): void {
  const left = [top];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    try {
      left.push(...foldersIn(folder, top));
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
    }
  }
}

function foldersIn(folder: string, top: string): readonly string[] {
  giveRights(folder);
  return namesIn(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (lstatSync(osPath(path), { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    if (Buffer.byteLength(path) < deep) return [path];
    const higher = `${top}/${randomUUID()}`;
    giveRights(path);
    renameSync(osPath(path), higher);
    return [higher];
  });
}
