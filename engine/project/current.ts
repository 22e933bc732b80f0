import type { Json } from '../../base/canonical.ts';
import { isDigest, type Digest } from '../../base/digest.ts';
import type { StageName } from '../definition/types.ts';
import { parseJson } from '../../base/parse-json.ts';
import { jsonText, readIfThere, writeWhole } from '../../cache/state-file.ts';
import { currentFile } from './layout.ts';
import type { Project } from './project.ts';

/** The key of the result that this project used last for a stage, of an experiment's for the plain one; undefined if there is none yet. */
export function currentKey(project: Project, stage: StageName): Digest | undefined {
  return keyNamed(project, stage, 'key');
}

/** The key of the result that was in use before the current one: `ers diff STAGE` compares the two. Undefined if there was none. */
export function previousKey(project: Project, stage: StageName): Digest | undefined {
  return keyNamed(project, stage, 'before');
}

function keyNamed(project: Project, stage: StageName, member: 'key' | 'before'): Digest | undefined {
  const own = project.experiments?.own.get(stage) ?? stage;
  const value = parseJson(readIfThere(currentFile(project, own)) ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const key = (value as Readonly<Record<string, Json>>)[member];
  return typeof key === 'string' && isDigest(key) ? key : undefined;
}

/** Remembers the result in use; writes nothing if it is the same as before. */
export function setCurrent(project: Project, stage: StageName, key: Digest): void {
  const before = currentKey(project, stage);
  if (before === key) return;
  writeWhole(currentFile(project, stage), jsonText(before === undefined ? { key } : { before, key }));
}
