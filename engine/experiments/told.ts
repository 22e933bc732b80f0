import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import type { StageName } from '../definition/types.ts';
import { metricsOf } from '../key/metrics.ts';
import { resultOf } from '../key/result.ts';
import type { Project } from '../project/project.ts';
import { stateOf, type Experiment, type ExperimentStage } from './experiment.ts';

/** An experiment as it is told: its state now, and the numbers that the stages' own lists of `metrics` have now. */
export interface ToldExperiment extends Experiment {
  /** Stages whose listed outs are not there to be read. */
  readonly unread: readonly string[];
}

/** Faults: as of `metricsOf`. */
export function tellExperiment(project: Project, experiment: Experiment): Result<ToldExperiment> {
  const faults: Fault[] = [];
  const unread: string[] = [];
  const told = Object.entries(experiment.stages).map(([name, stage]): readonly [string, ExperimentStage] => {
    const definition = project.pipeline.stages.get(name as StageName);
    const record = stage.key === null ? undefined : resultOf(project, name as StageName, stage.key);
    // Of a stage or a result that is gone, what was written down then is all there is.
    if (definition === undefined || record === undefined) return [name, stage];
    const read = metricsOf(project, definition, record);
    if (!read.ok) {
      faults.push(...read.faults);
      return [name, stage];
    }
    if (read.value.unread.length > 0) unread.push(name);
    return [name, { ...stage, metrics: read.value.metrics }];
  });
  if (faults.length > 0) return fail(...faults);
  return ok({ ...experiment, status: stateOf(experiment), stages: Object.fromEntries(told), unread });
}
