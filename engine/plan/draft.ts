import { inspected } from './inspected.ts';
import { unmetNeeds } from './needs.ts';
import type { StageName } from '../definition/types.ts';
import { frozenAway } from './frozen.ts';
import { stageOf, upstream } from '../key/graph.ts';
import type { Project } from '../project/project.ts';
import type { Reason } from '../reasons.ts';
import { select, type PlanRequest } from './request.ts';
import { sharedWork } from './shared-work.ts';
import { type Draft, type StagePlan, Walk, Looks } from './walk.ts';

/** `plan`, with the faults kept beside their stages. */
export async function draft(project: Project, request: PlanRequest): Promise<Draft> {
  const { names, forced, targets } = select(project.pipeline, request);
  const looks = new Looks(project);
  const remake = new Map<StageName, Reason>();
  for (;;) {
    const walk = new Walk(project, looks, forced, remake);
    for (const name of names) await walk.visit(stageOf(project.pipeline, name));
    const shared = sharedWork(walk.stages, walk.works);
    // One that may find its result brought by another is not certain to read anything.
    const running = names.filter((name) => walk.stages.get(name)?.state === 'run' && !shared.has(name));
    const needed = findNeeded(project, walk, running, targets);
    if (needed.size === 0) {
      const read = mayBeRead(project, walk, names, targets);
      blockFrozen(project, walk, read);
      return withUnmet(project, withShared(walk.draft(), shared), read);
    }
    for (const [name, reason] of needed) remake.set(name, reason);
  }
}

/** A stage that may run and asks for more than this machine has, or finds an input unfit, is blocked before anything starts. */
async function withUnmet(
  project: Project,
  { stages, blocked }: Draft,
  read: ReadonlySet<StageName>,
): Promise<Draft> {
  const needy = stages
    .filter(
      ({ stage, state }) => state === 'run' || state === 'maybe' || (state === 'recorded' && read.has(stage)),
    )
    .map(({ stage }) => stageOf(project.pipeline, stage));
  const unfit = await inspected(
    project,
    needy.filter(({ name }) => !blocked.has(name)),
  );
  const unmet = unmetNeeds(project, needy);
  for (const [name, faults] of unfit) unmet.set(name, [...(unmet.get(name) ?? []), ...faults]);
  return { stages, blocked: new Map([...unmet, ...blocked]) };
}

/** Whether a stage must run that shares its result with an earlier one is known only after that one. */
function withShared({ stages, blocked }: Draft, shared: ReadonlyMap<StageName, StageName>): Draft {
  const change = (planned: StagePlan): StagePlan => {
    const other = shared.get(planned.stage);
    if (other === undefined) return planned;
    return { ...planned, state: 'maybe', reasons: [{ type: 'shared', stage: other }, ...planned.reasons] };
  };
  return { stages: stages.map(change), blocked };
}

/** Recorded stages that must give their bytes back: to the user who asked for them, or to a stage that will run. */
function findNeeded(
  project: Project,
  walk: Walk,
  running: readonly StageName[],
  targets: ReadonlySet<StageName>,
): ReadonlyMap<StageName, Reason> {
  const needed = new Map<StageName, Reason>();
  for (const name of targets) {
    const planned = walk.stages.get(name);
    if (planned?.state === 'recorded' && planned.standing?.type === 'collected') {
      needed.set(name, { type: 'artifact-missing', out: planned.standing.out });
    }
  }
  for (const name of running) {
    for (const above of upstream(stageOf(project.pipeline, name))) {
      if (walk.stages.get(above)?.state === 'recorded') needed.set(above, { type: 'needed-by', stage: name });
    }
  }
  return needed;
}

/** Stages whose bytes the user or a stage that runs may need. A recorded stage runs where one that reads it does. */
function mayBeRead(
  project: Project,
  walk: Walk,
  names: readonly StageName[],
  targets: ReadonlySet<StageName>,
): ReadonlySet<StageName> {
  const read = new Set(targets);
  for (const name of [...names].reverse()) {
    const state = walk.stages.get(name)?.state;
    const mayRun = state === 'run' || state === 'maybe' || (state === 'recorded' && read.has(name));
    if (mayRun) for (const above of upstream(stageOf(project.pipeline, name))) read.add(above);
  }
  return read;
}

/** Of the stages that may be read those that are frozen and have lost their bytes: nothing is begun that could end at them. */
function blockFrozen(project: Project, walk: Walk, read: ReadonlySet<StageName>): void {
  for (const name of read) {
    const planned = walk.stages.get(name);
    if (planned?.state !== 'frozen' || planned.standing?.type !== 'collected') continue;
    const stage = stageOf(project.pipeline, name);
    walk.block(stage, frozenAway(stage));
  }
}
