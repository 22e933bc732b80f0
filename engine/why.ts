import type { Result } from '../base/fault.ts';
import type { StageName } from './definition/types.ts';
import type { PlannedStage } from './events.ts';
import type { Project } from './project.ts';

/** Why a stage is stale, or why it is not. */
export interface Why extends PlannedStage {
  /** Sentences that say what was compared, and when the current result was made. */
  readonly compared: readonly string[];
}

/** Explains one stage. Faults: as for `plan`. */
export function why(project: Project, stage: StageName): Promise<Result<Why>> {
  return Promise.reject(new Error(`Internal error: not built yet ${project.dist} ${stage}`));
}
