import { FaultError } from '../base/fault.ts';
import { loadPipelines } from '../engine/definition/load.ts';
import type { Pipeline, StageName } from '../engine/definition/types.ts';
import { unitedProject, unitedStages } from '../engine/experiments/run.ts';
import { readSweep, type Combination } from '../engine/experiments/sweep.ts';
import { unite } from '../engine/experiments/union.ts';
import type { Project } from '../engine/index.ts';
import type { Io } from './io.ts';
import { openAs, stagesNamed, whatToLoad, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';

/** What the `-S` options ask for: each combination of values with the pipeline as it gives it. */
export interface OpenedSweep {
  /** Of the first one. */
  readonly project: Project;
  readonly combinations: readonly Combination[];
  readonly pipelines: readonly Pipeline[];
}

/** Loads every combination before anything else is done; throws `FaultError` with the faults of all of them. */
export async function openSweep(options: PipelineOptions, io: Io, where: Where): Promise<OpenedSweep> {
  const sweep = readSweep(options.set ?? []);
  const sets = sweep.ok ? sweep.value.map(({ set }) => set) : [[]];
  const loaded = await loadPipelines(whatToLoad(options, io, where), sets);
  if (!sweep.ok) throw new FaultError(...(loaded.ok ? [] : loaded.faults), ...sweep.faults);
  if (!loaded.ok) throw new FaultError(...loaded.faults);
  const [first] = loaded.value;
  if (first === undefined) throw new Error('Internal error: a sweep of nothing');
  return { project: openAs(first, options, io, where), combinations: sweep.value, pipelines: loaded.value };
}

/** A project to plan with, whatever `-S` says, and the stages that names on the command line mean in it. */
export interface OpenedPlan {
  readonly project: Project;
  readonly sweep: OpenedSweep;
  /** Throws `FaultError` for a name that no stage has. */
  readonly stagesNamed: (names: readonly string[]) => readonly StageName[];
}

/** Without `-S` the pipeline itself; with it the union of the experiments, in which `train` means that of each of them. */
export async function openPlan(options: PipelineOptions, io: Io, where: Where): Promise<OpenedPlan> {
  const sweep = await openSweep(options, io, where);
  const { project, combinations, pipelines } = sweep;
  if (options.set === undefined)
    return { sweep, project, stagesNamed: (names) => stagesNamed(names, project.pipeline) };
  const members = combinations.map(({ overrides }, at) => ({
    ...{ name: '', overrides, pipeline: pipelines[at] ?? project.pipeline },
  }));
  const union = unite(members);
  const united = unitedProject(project, members, union);
  const isLabelled = (name: string): boolean => union.pipeline.stages.has(name as StageName);
  return {
    sweep,
    project: united,
    stagesNamed: (names) => {
      const own = names.filter((name) => !isLabelled(name));
      return [
        ...names.filter(isLabelled).map((name) => name as StageName),
        ...unitedStages(union, stagesNamed(own, project.pipeline)),
      ];
    },
  };
}
