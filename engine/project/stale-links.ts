import { readdirSync, readlinkSync, realpathSync, rmdirSync, unlinkSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { isMissing } from '../../cache/errno.ts';
import { isTemporary } from '../../cache/temporary.ts';
import type { Project } from './project.ts';

/**
 * Takes away the links into the store that ers left below a folder of `artifacts/` for outs, members and stages that the
 * definition no longer has, and folders that are empty without them: beside new results they would show old ones. `keep`
 * holds absolute paths of links that stand. The user's own files, folders and links stay, and so does what another run is about to rename.
 */
export function removeStaleLinks(project: Project, folder: string, keep: ReadonlySet<string>): void {
  sweep(folder, join(realpathSync(project.store.root), 'trees') + sep, keep);
}

/** Whether something was removed. */
function sweep(folder: string, trees: string, keep: ReadonlySet<string>): boolean {
  let removed = false;
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removed = sweep(path, trees, keep) || removed;
    else if (
      entry.isSymbolicLink() &&
      !keep.has(path) &&
      !isTemporary(path) &&
      leadsInto(trees, folder, path)
    ) {
      unlinkSync(path);
      removed = true;
    }
  }
  if (removed && entriesOf(folder).length === 0) rmdirSync(folder);
  return removed;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function leadsInto(trees: string, folder: string, link: string): boolean {
  return resolve(realpathSync(folder), readlinkSync(link)).startsWith(trees);
}
