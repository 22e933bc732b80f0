import { byCodeUnit } from '../../base/canonical.ts';
import type { Digest } from '../../base/digest.ts';
import { manifestText, parseDifference } from '../../cache/manifest.ts';
import type { Manifest } from '../../cache/types.ts';
import type { Project } from '../project/project.ts';
import type { FileChange } from '../reasons.ts';
import { inputListText, readInputList } from './input-lists.ts';

/** The files of a folder then and now; those that are the same in both may be left out of both. */
export interface FileLists {
  readonly before: Manifest;
  readonly after: Manifest;
}

/** The files of two folders by their digests; undefined unless both lists are kept. */
export function listsOf(project: Project, before: Digest, after: Digest): FileLists | undefined {
  const [old, now] = [knownManifest(project, before), knownManifest(project, after)];
  return old === undefined || now === undefined ? undefined : { before: old, after: now };
}

/** How the file list of an input, as text, differs from the one that had this digest. */
export function changedSince(project: Project, digest: Digest, after: string): FileLists | undefined {
  const before = inputListText(project, digest);
  if (before !== undefined) return parseDifference(before, after);
  // It was an out in the store then.
  const stored = project.store.manifest(digest);
  return stored === undefined ? undefined : parseDifference(manifestText(stored), after);
}

/** Files added, removed, changed or renamed (same bytes, another path), sorted by path. */
export function fileChanges(before: Manifest, after: Manifest): readonly FileChange[] {
  const old = new Map(before.map((entry) => [entry.path, entry.digest]));
  const now = new Map(after.map((entry) => [entry.path, entry.digest]));
  const gone = new Map<string, string[]>();
  for (const { path, digest } of before) {
    if (!now.has(path)) gone.set(digest, [...(gone.get(digest) ?? []), path]);
  }
  const changes: FileChange[] = [];
  for (const { path, digest } of after) {
    const was = old.get(path);
    if (was === digest) continue;
    const from = was === undefined ? gone.get(digest)?.shift() : undefined;
    if (was !== undefined) changes.push({ path, change: 'changed' });
    else if (from === undefined) changes.push({ path, change: 'added' });
    else changes.push({ path, change: 'renamed', from });
  }
  for (const path of [...gone.values()].flat()) changes.push({ path, change: 'removed' });
  return changes.sort((a, b) => byCodeUnit(a.path, b.path));
}

/** A folder's file list by its digest: an out in the store, or an input that was listed when a record was made. */
function knownManifest(project: Project, digest: Digest): Manifest | undefined {
  return project.store.manifest(digest) ?? readInputList(project, digest);
}
