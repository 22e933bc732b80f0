import type { Pipeline, StageName } from '../definition/types.ts';
import { descendants, withAncestors } from '../key/graph.ts';

/** What the user asks for. */
export interface PlanRequest {
  /** Stages to make, with their ancestors; empty = the pipeline's default. */
  readonly targets: readonly StageName[];
  /** Makes the targets anew, then what their new output makes stale. */
  readonly force: boolean;
  /** Nothing below the targets follows a forced one. */
  readonly only: boolean;
}

/** The stages that a request is about. */
export interface Selection {
  /** Stages to look at, in topological order. */
  readonly names: readonly StageName[];
  readonly forced: ReadonlySet<StageName>;
  /** Stages whose artifacts must be there at the end. */
  readonly targets: ReadonlySet<StageName>;
}

/**
 * Which stages a request is about: the targets and everything above them; below a forced target also what the
 * pipeline's default would make of its new output.
 */
export function select(pipeline: Pipeline, request: PlanRequest): Selection {
  const targets = new Set(request.targets.length > 0 ? request.targets : pipeline.default);
  if (!request.force) return { names: withAncestors(pipeline, targets), forced: new Set(), targets };
  const plain = new Set(withAncestors(pipeline, pipeline.default));
  const below = request.only ? [] : descendants(pipeline, targets, plain);
  return { names: withAncestors(pipeline, [...targets, ...below]), forced: targets, targets };
}
