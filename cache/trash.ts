import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { errnoOf, isExisting, isMissing } from './errno.ts';
import { describeSelf, isAlive, parseHolder } from './holder.ts';
import { namesIn } from './entries.ts';
import { removeWhole } from './remove.ts';
import { isTemporary, sweepTemporaries, temporaryFor } from './temporary.ts';

/** `trash/ID`, with its holder: what lies there can still go back. `trash/ID.doomed` may be half deleted. */
export function openTrash(root: string, id: string): string {
  const folder = join(root, 'trash', id);
  const temporary = temporaryFor(folder);
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(temporary, 'holder.json'), JSON.stringify(describeSelf(id)));
  crashPoint('trash:written');
  renameSync(temporary, folder);
  return folder;
}

/** Deletes it for good. */
export function closeTrash(folder: string): void {
  const doomed = folder.endsWith('.doomed') ? folder : `${folder}.doomed`;
  if (doomed !== folder) renameSync(folder, doomed);
  crashPoint('trash:doomed');
  try {
    removeWhole(doomed);
  } catch (error) {
    // Another gc deletes it at the same moment; the next one finds what is left.
    if (!isExisting(error) && !isMissing(error)) throw error;
  }
}

/** Deletes what was doomed, and returns the folders of a `gc` that died before that. */
export function trashOfTheDead(root: string): readonly string[] {
  sweepTemporaries(join(root, 'trash'));
  const folders = namesIn(join(root, 'trash'))
    .filter((name) => !isTemporary(name))
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
    return false;
  }
}
