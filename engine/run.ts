import type { EngineEvent } from './events.ts';
import type { PlanRequest } from './request.ts';
import type { Project } from './project.ts';

export interface RunRequest extends PlanRequest {
  /** After a failure go on with the stages that do not depend on it. */
  readonly keepGoing?: boolean;
}

export interface RunIo {
  readonly emit: (event: EngineEvent) => void;
  /** Aborted on SIGINT and its like: every child is ended within 5 s. */
  readonly signal: AbortSignal;
  /** How many stages may run side by side, from 1. */
  readonly jobs: number;
  /** How many threads one stage may keep busy, from 1. */
  readonly cores: number;
}

/**
 * Executes the plan of `request`. Everything it has to say leaves through `io.emit`; faults too (outcome `failed`).
 * Resolves to the exit code: 0 all made, 1 a stage failed, 2 an input is missing, 130 stopped.
 */
export function run(project: Project, request: RunRequest, io: RunIo): Promise<number> {
  return Promise.reject(
    new Error(`Internal error: not built yet ${project.dist} ${request.targets.length} ${io.jobs}`),
  );
}
