import type { Digest } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import { acceptedRecord } from '../project/accepted.ts';
import type { StageName } from '../definition/types.ts';
import { currentKey } from '../project/current.ts';
import type { Project } from '../project/project.ts';

/** The result that a stage has under a key: the one that its user accepted, else the store's. */
export function resultOf(project: Project, stage: StageName, key: Digest): StageRecord | undefined {
  return resultsOf(project, stage, key)[0];
}

/** That one first, then what stands should its bytes be gone. */
export function resultsOf(project: Project, stage: StageName, key: Digest): readonly StageRecord[] {
  // First, since it tells gc beside it that the key is relied on.
  const stored = project.store.record(key);
  return [acceptedRecord(project, stage, key), stored].filter((record) => record !== undefined);
}

/** The record that this project used last for a stage: what a new key is compared with. */
export function currentRecord(project: Project, stage: StageName): StageRecord | undefined {
  const key = currentKey(project, stage);
  return key === undefined ? undefined : resultOf(project, stage, key);
}
