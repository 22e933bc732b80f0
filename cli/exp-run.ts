import { isAbsolute, relative, resolve, sep } from 'node:path';
import { configFile } from '../engine/definition/config-file.ts';
import { readExperiments } from '../engine/experiments/files.ts';
import { nameMembers } from '../engine/experiments/members.ts';
import { runExperiments, type ExperimentsEnd } from '../engine/experiments/run.ts';
import { plural } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { openSweep } from './exp-open.ts';
import { orThrow } from './faults.ts';
import { few } from './few.ts';
import type { Io } from './io.ts';
import { stagesNamed, whatToLoad, type Where } from './open.ts';
import { mannerOf, type RunOptions } from './run-options.ts';
import { watchRun } from './watch-run.ts';

/** `ers run -S key=value`: experiments, which leave `artifacts/` as it is. Throws `FaultError` before anything starts. */
export async function runSweep(
  stages: readonly string[],
  options: RunOptions,
  io: Io,
  where: Where,
): Promise<number> {
  const { project, combinations, pipelines } = await openSweep(options, io, where);
  const targets = stagesNamed(stages, project.pipeline);
  const known = orThrow(readExperiments(project));
  const config = configOf(project.pipeline.root, options, io, where);
  const members = orThrow(nameMembers(combinations, pipelines, known, { config, wanted: options.name }));
  const request = {
    ...{ targets, force: options.force === true, only: options.only === true },
    ...mannerOf(options),
    config,
  };
  let end: ExperimentsEnd | undefined;
  const exitCode = await watchRun(options, io, {}, async (runIo) => {
    end = await runExperiments(project, members, request, runIo);
    return end.exitCode;
  });
  const isTold = options.json === true || exitCode === exitCodes.usage;
  if (end !== undefined && !isTold) for (const line of endLines(end)) io.out(line);
  return exitCode;
}

/** How many came out how, and where to look. */
function endLines({ ended }: ExperimentsEnd): readonly string[] {
  const [only, ...others] = ended;
  if (only !== undefined && others.length === 0) {
    return [`ers run: experiment ${only.name} ${only.status}. See: npx ers exp show ${only.name}`];
  }
  const counts = (['done', 'failed', 'stopped'] as const).flatMap((status) => {
    const names = ended.filter((each) => each.status === status).map(({ name }) => name);
    if (names.length === 0) return [];
    return status === 'done' ? [`${names.length} done`] : [`${names.length} ${status} (${few(names)})`];
  });
  return [`ers run: ${plural(ended.length, 'experiment')}: ${counts.join(', ')}. See: npx ers exp show`];
}

/** As the experiment's file names it: from the project, wherever the user stood; null for the one that the pipeline names. */
function configOf(root: string, options: RunOptions, io: Io, where: Where): string | null {
  const { config } = options;
  if (config === undefined) return null;
  const own = configFile({ file: whatToLoad(options, io, where).file });
  if (own.ok && resolve(io.cwd, own.value) === resolve(io.cwd, config)) return null;
  const path = relative(root, resolve(io.cwd, config));
  return isAbsolute(config) && path.startsWith('..') ? config : path.replaceAll(sep, '/');
}
