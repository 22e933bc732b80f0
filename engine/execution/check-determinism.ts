import type { Digest } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Pipeline, StageName } from '../definition/types.ts';
import { stageOf, upstream } from '../key/graph.ts';
import type { Project } from '../project/project.ts';
import type { Difference, Rehearsal } from '../project/rehearsal.ts';
import type { RunIo } from './io.ts';
import { run } from './run.ts';

/** Runs work with somebody to tell and to ask. */
export type Watch = (work: (io: RunIo) => Promise<number>) => Promise<number>;

export interface DeterminismCheck {
  readonly exitCode: number;
  /** Undefined where there was nothing to compare: a stage failed or was stopped. */
  readonly compared?: {
    readonly key: Digest;
    readonly outs: StageRecord['outs'];
    readonly difference: Difference | undefined;
  };
}

/**
 * Makes the stage if it is stale, then makes it again from nothing and compares every byte. The second making is
 * published nowhere: store, artifacts, `pipeline.lock` and checkpoints of others stay as the first one left them.
 * `watch` is called for each of the two. Exit code 1 with ERS_NOT_DETERMINISTIC if a byte differs.
 */
export async function checkDeterminism(
  project: Project,
  stage: StageName,
  watch: Watch,
): Promise<DeterminismCheck> {
  // Its inputs' bytes are needed for the second making, also where the first is there already.
  const targets = [stage, ...upstream(stageOf(project.pipeline, stage))];
  const exitCode = await watch((io) => run(project, { targets, force: false, only: false }, io));
  if (exitCode !== 0) return { exitCode };
  let compared: DeterminismCheck['compared'];
  const rehearsal: Rehearsal = {
    stage,
    compared: ({ key, outs }, difference) => (compared = { key, outs, difference }),
  };
  const again = { ...project, pipeline: withoutAlways(project.pipeline), rehearsal, experiments: ofNobody };
  const second = await watch((io) => run(again, { targets: [stage], force: true, only: true }, io));
  return { exitCode: second, ...(compared === undefined ? {} : { compared }) };
}

/** The second making is to read what the first one read: nothing above it is made anew. */
function withoutAlways(pipeline: Pipeline): Pipeline {
  return {
    ...pipeline,
    stages: new Map([...pipeline.stages].map(([name, stage]) => [name, { ...stage, always: false }])),
  };
}

/** A run of an experiment that keeps nothing: what it makes is shown nowhere. */
const ofNobody = {
  names: [],
  own: new Map<StageName, StageName>(),
  took: () => undefined,
  settle: () => undefined,
};
