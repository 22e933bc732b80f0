import type { Digest } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import { acceptedRecord } from './accepted.ts';
import type { StageName } from '../definition/types.ts';
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
