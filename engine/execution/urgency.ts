import { byCodeUnit } from '../../base/canonical.ts';
import { sha256 } from '../../base/digest.ts';
import { currentRecord } from '../key/result.ts';
import type { StageName } from '../definition/types.ts';
import { stageOf, upstream } from '../key/graph.ts';
import type { StagePlan } from '../plan/walk.ts';
import type { Project } from '../project/project.ts';

/**
 * The rank of each stage among those that are ready, 0 the most urgent: by the longest remaining path, which is
 * the time from a stage's start to the end of all below it that may run. A stage weighs the seconds that it took last
 * time, or 1. Equal ones go by their order in the file. `ERS_TEST_SHUFFLE=SEED` gives another order for each seed, so that
 * tests meet the missing edges of a pipeline.
 */
export function rankByUrgency(
  project: Project,
  plan: ReadonlyMap<StageName, StagePlan>,
): ReadonlyMap<StageName, number> {
  return new Map(mostUrgentFirst(project, plan).map((name, rank) => [name, rank]));
}

function mostUrgentFirst(project: Project, plan: ReadonlyMap<StageName, StagePlan>): readonly StageName[] {
  const { pipeline } = project;
  const inFile = [...pipeline.stages.keys()].filter((name) => plan.has(name));
  const seed = project.env['ERS_TEST_SHUFFLE'];
  if (seed !== undefined) {
    const draw = (name: StageName) => sha256(`${seed} ${name}`);
    return inFile.toSorted((a, b) => byCodeUnit(draw(a), draw(b)));
  }
  /** Seconds from the end of a stage to the end of all below it. */
  const below = new Map<StageName, number>();
  const remaining = new Map<StageName, number>();
  for (const name of pipeline.order.toReversed()) {
    const planned = plan.get(name);
    if (planned === undefined) continue;
    const seconds = weightOf(project, planned) + (below.get(name) ?? 0);
    remaining.set(name, seconds);
    for (const above of upstream(stageOf(pipeline, name))) {
      below.set(above, Math.max(below.get(above) ?? 0, seconds));
    }
  }
  return inFile.toSorted((a, b) => (remaining.get(b) ?? 0) - (remaining.get(a) ?? 0));
}

function weightOf(project: Project, { stage, state, record }: StagePlan): number {
  if (state !== 'run' && state !== 'maybe') return 0;
  const seconds = (record ?? currentRecord(project, stage))?.made['seconds'];
  return typeof seconds === 'number' && seconds >= 0 ? seconds : 1;
}
