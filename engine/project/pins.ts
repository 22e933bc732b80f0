import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest, type Digest } from '../../base/digest.ts';
import { namesIn } from '../../cache/entries.ts';
import { readIfThere, writeWhole } from '../../cache/state-file.ts';
import type { Project } from './project.ts';

/** `.ers/pins/KEY` holds the name by which it was pinned, `train` or `train@lr-0.001`: `gc` of any project that shares the store keeps that result. */
function pinFile(project: Project, key: Digest): string {
  return join(project.pipeline.root, '.ers', 'pins', key);
}

export function isPinned(project: Project, key: Digest): boolean {
  return statSync(pinFile(project, key), { throwIfNoEntry: false }) !== undefined;
}

export function pin(project: Project, key: Digest, name: string): void {
  writeWhole(pinFile(project, key), `${name}\n`);
}

/** Keys of what was pinned by a name, also where that name means nothing any more. */
export function pinnedAs(project: Project, name: string): readonly Digest[] {
  const keys = namesIn(join(project.pipeline.root, '.ers', 'pins')).filter(isDigest);
  return keys.filter((key) => readIfThere(pinFile(project, key)) === `${name}\n`);
}

export function unpin(project: Project, key: Digest): void {
  rmSync(pinFile(project, key), { force: true });
}
