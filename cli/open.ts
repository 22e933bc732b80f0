import { join, relative } from 'node:path';
import type { Project } from '../engine/index.ts';
import { openProject } from '../engine/index.ts';
import { loadPipeline, type LoadOptions } from '../engine/definition/load.ts';
import { callableNames, stagesCalled } from '../engine/definition/members.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Pipeline, StageName } from '../engine/definition/types.ts';
import { tensorflowProvider } from '../runtime/provider.ts';
import { hubFiles } from '../runtime/remote/provider.ts';
import { readSweep } from '../engine/experiments/sweep.ts';
import type { Artifacts } from '../ui/summary.ts';
import { FaultError, type Fault } from '../base/fault.ts';
import { commandLine } from './command-line.ts';
import { orThrow } from './faults.ts';
import { findPipeline } from './find-pipeline.ts';
import type { Io } from './io.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { ersVersion } from './version.ts';

/** Where this build lies: `dist` holds the stages' bundles, `build` is the folder in it with the program. */
export interface Where {
  readonly dist: string;
  readonly build: string;
}

/** Finds, loads and opens the project; throws `FaultError` with all faults of its definition. */
export async function openHere(options: PipelineOptions, io: Io, where: Where): Promise<Project> {
  const [combination, ...others] = orThrow(readSweep(options.set ?? []));
  if (combination === undefined) throw new Error('Internal error: a sweep of nothing');
  if (others.length > 0) throw new FaultError(listRefused);
  return openAs(
    orThrow(await loadPipeline({ ...whatToLoad(options, io, where), set: combination.set })),
    options,
    io,
    where,
  );
}

const listRefused: Fault = {
  code: 'ERS_USAGE',
  message: 'The lists of -S name several experiments, and this command is about one.',
  hint: 'Give one value each; a text that holds a comma is quoted: -S \'key="a,b"\'.',
};

/** Where pipeline.yaml and the config lie, as messages name them; throws `FaultError` if there is no pipeline. */
export function whatToLoad(options: PipelineOptions, io: Io, where: Where): Omit<LoadOptions, 'set'> {
  const { config } = options;
  return {
    // Messages name the file as the user would.
    file: relative(io.cwd, orThrow(findPipeline(io.cwd, options.file))),
    ...(config === undefined ? {} : { config }),
    ...{ dist: where.dist, build: where.build, env: io.env },
  };
}

/** The project of a pipeline that is loaded. */
export function openAs(pipeline: Pipeline, options: PipelineOptions, io: Io, where: Where): Project {
  const { cores, strictRuntime } = options;
  return orThrow(
    openProject(pipeline, {
      dist: join(where.dist, where.build),
      runtimes: { tensorflow: tensorflowProvider(cores === undefined ? {} : { threads: cores }) },
      remoteFiles: hubFiles(io.env),
      env: io.env,
      now: io.now,
      strictRuntime: strictRuntime === true,
      ers: ersVersion(),
      commandLine: (...words) => commandLine(words, options),
    }),
  );
}

/** The stages named on the command line, all members of a matrix included; throws `FaultError` for one that the pipeline lacks. */
export function stagesNamed(names: readonly string[], pipeline: Pipeline): readonly StageName[] {
  const called = names.map((name) => stagesCalled(name, pipeline.stages));
  const faults = names
    .filter((_, index) => called[index]?.length === 0)
    .map((name) => ({
      code: 'ERS_UNKNOWN_STAGE' as const,
      message: `There is no stage \`${name}\`.`,
      ...didYouMean(name, callableNames(pipeline.stages)),
    }));
  if (faults.length > 0) throw new FaultError(...faults);
  return [...new Set(called.flat())];
}

/** What is worth a look of each stage: its report if it has one, else its folder. Paths relative to where the user stands. */
export function artifactsOf(pipeline: Pipeline, cwd: string): Artifacts {
  return Object.fromEntries(
    [...pipeline.stages.values()].map((stage) => {
      const reports = Object.values(stage.outs).filter((out) => out.path.endsWith('.html'));
      const folder = relative(cwd, join(pipeline.root, 'artifacts', stage.name)) || '.';
      return [stage.name, reports.length > 0 ? reports.map((out) => join(folder, out.path)) : [`${folder}/`]];
    }),
  );
}
