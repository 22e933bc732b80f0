import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './errno.ts';
import { osPath } from './names.ts';

/** A folder on the way to a path, with the times that tell a move of it from a change of what it holds. */
export interface FolderAbove {
  readonly path: string;
  /** ns. */
  readonly mtime: bigint;
  /** ns. */
  readonly ctime: bigint;
}

/** The folders above a path, and above where it really lies. What cannot be looked at is left out. */
export function foldersAbove(path: string): readonly FolderAbove[] {
  const folders = new Set([...parentsOf(path), ...parentsOf(realPath(path))]);
  return [...folders].flatMap((folder) => {
    const stats = lstatSync(osPath(folder), { bigint: true, throwIfNoEntry: false });
    if (stats?.isDirectory() !== true) return [];
    return { path: folder, mtime: stats.mtimeNs, ctime: stats.ctimeNs };
  });
}

/**
 * A folder that was itself moved meanwhile, there and back: another one may have lain in its place, whose files nobody
 * stamped. A new entry sets both times of a folder, a rename of the folder only its ctime, as does a change of its rights.
 * One that was moved and then got an entry too cannot be told from one that only got the entry.
 */
export function movedAbove(
  before: readonly FolderAbove[],
  after: readonly FolderAbove[],
): string | undefined {
  const now = new Map(after.map((folder) => [folder.path, folder]));
  return before.find(({ path, mtime, ctime }) => {
    const folder = now.get(path);
    return folder !== undefined && folder.mtime === mtime && folder.ctime !== ctime;
  })?.path;
}

function parentsOf(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [above, ...parentsOf(above)];
}

/** Of a path that leads nowhere, the path itself. */
function realPath(path: string): string {
  try {
    return realpathSync.native(osPath(path));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return path;
  }
}
