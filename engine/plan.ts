import type { Result } from '../base/fault.ts';
import type { StageName } from './definition/types.ts';
import type { PlannedStage } from './events.ts';
import type { Project } from './project.ts';

/** What the user asks for. */
export interface PlanRequest {
  /** Stages to make, with their ancestors; empty = the pipeline's default. */
  readonly targets: readonly StageName[];
  /** Makes the targets anew (without targets: every stage), then what their new output makes stale. */
  readonly force: boolean;
  /** Nothing below the targets follows a forced one. */
  readonly only: boolean;
}

/** Every stage of the request in topological order, each with what will happen to it and why. */
export interface Plan {
  readonly stages: readonly (PlannedStage & { readonly stage: StageName })[];
}

/** Compares the definition with the disk; changes nothing. Faults: an input is missing or cannot be one. */
export function plan(project: Project, request: PlanRequest): Promise<Result<Plan>> {
  return Promise.reject(new Error(`Internal error: not built yet ${project.dist} ${request.targets.length}`));
}
