import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../base/digest.ts';
import { writeWhole } from './files.ts';
import type { Project } from './project.ts';

/** `.ers/pins/KEY` holds the stage's name: `gc` of any project that shares the store keeps that result. */
function pinFile(project: Project, key: Digest): string {
  return join(project.pipeline.root, '.ers', 'pins', key);
}

export function isPinned(project: Project, key: Digest): boolean {
  return statSync(pinFile(project, key), { throwIfNoEntry: false }) !== undefined;
}

export function pin(project: Project, key: Digest, stage: string): void {
  writeWhole(pinFile(project, key), `${stage}\n`);
}

export function unpin(project: Project, key: Digest): void {
  rmSync(pinFile(project, key), { force: true });
}
