import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, isExisting, isMissing } from './errno.ts';
import { describeSelf, isAlive, parseHolder } from './holder.ts';
import { namesIn } from './inventory.ts';

/** `trash/ID`, with its holder: what lies there can still go back. `trash/ID.doomed` may be half deleted. */
export function openTrash(root: string, id: string): string {
  const folder = join(root, 'trash', id);
  mkdirSync(`${folder}.new`, { recursive: true });
  writeFileSync(join(`${folder}.new`, 'holder.json'), JSON.stringify(describeSelf(id)));
  renameSync(`${folder}.new`, folder);
  return folder;
}

/** Deletes it for good. */
export function closeTrash(folder: string): void {
  const doomed = folder.endsWith('.doomed') ? folder : `${folder}.doomed`;
  if (doomed !== folder) renameSync(folder, doomed);
  try {
    rmSync(doomed, { recursive: true, force: true });
  } catch (error) {
    // Another gc deletes it at the same moment; the next one finds what is left.
    if (!isExisting(error) && !isMissing(error)) throw error;
  }
}

/** Deletes what was doomed, and returns the folders of a `gc` that died before that. */
export function trashOfTheDead(root: string): readonly string[] {
  const folders = namesIn(join(root, 'trash'))
    .map((name) => join(root, 'trash', name))
    .filter((folder) => !mayLive(folder));
  for (const folder of folders.filter(isDoomed)) closeTrash(folder);
  return folders.filter((folder) => !isDoomed(folder));
}

function isDoomed(folder: string): boolean {
  return folder.endsWith('.doomed');
}

function mayLive(folder: string): boolean {
  try {
    const holder = parseHolder(JSON.parse(readFileSync(join(folder, 'holder.json'), 'utf8')));
    return holder !== undefined && isAlive(holder) !== 'dead';
  } catch (error) {
    if (!(error instanceof SyntaxError) && errnoOf(error) === undefined) throw error;
    // A new one is about to get its holder.
    return folder.endsWith('.new');
  }
}
