import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { namesIn } from './entries.ts';
import { errnoOf, isExhausted, isReadOnly } from './errno.ts';
import { sizeBelow } from './inventory.ts';
import { sweepDeadRuns } from './live-runs.ts';
import { removeWhole } from './remove.ts';
import { isTemporary, temporariesOfTheDead } from './temporary.ts';

/** Something that no result needs. */
export interface Leftover {
  readonly path: string;
  readonly bytes: number;
}

const day = 24 * 3600 * 1000;

/** Where a store's files and folders are renamed into place. */
const writtenFolders = ['.', 'incoming', 'attempts', 'live', 'roots', 'collecting'];

/**
 * Of a store: what dead writers left, damaged trees older than 7 days, ended attempts without a checkpoint. `now` is ms
 * since 1970.
 */
export function storeLeftovers(root: string, now: number): readonly Leftover[] {
  const inside = (folder: string): readonly string[] =>
    namesIn(join(root, folder)).map((name) => join(root, folder, name));
  const paths = [
    ...writtenFolders.flatMap((folder) => temporariesOfTheDead(join(root, folder))),
    ...inside('quarantine').filter((path) => ageOf(path, now) > 7 * day),
    ...inside('attempts').filter(
      (path) =>
        !isTemporary(path) &&
        !isThere(join(path, 'holder.json')) &&
        namesIn(join(path, 'checkpoint')).length === 0 &&
        ageOf(path, now) > day,
    ),
  ];
  return paths.map(leftoverAt);
}

/** A file or folder with its size. */
export function leftoverAt(path: string): Leftover {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return { path, bytes: stats?.isFile() === true ? stats.size : sizeBelow(path).bytes };
}

/** Removes them, and the files of runs that died. Returns those that stay because another user wrote there. */
export function removeLeftovers(root: string, leftovers: readonly Leftover[]): readonly Leftover[] {
  sweepDeadRuns(root);
  return leftovers.filter(({ path }) => {
    try {
      removeWhole(path);
      return false;
    } catch (error) {
      if (!isReadOnly(error)) throw error;
      return true;
    } finally {
      crashPoint('leftovers:begun');
    }
  });
}

/** ms since it changed; 0 if it is gone or cannot be looked at. A damaged tree keeps its own times, but a rename stamps the ctime. */
export function ageOf(path: string, now: number): number {
  const stats = statsOf(path);
  return stats === undefined ? 0 : now - Math.max(stats.ctimeMs, stats.mtimeMs);
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // It lies deeper than a path can reach, or its folder is closed.
    if (errnoOf(error) === undefined || isExhausted(error)) throw error;
    return undefined;
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
