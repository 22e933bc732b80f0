import { isAbsolute, relative, resolve, sep } from 'node:path';
import { configFile } from '../engine/definition/config-file.ts';
import { readExperiments } from '../engine/experiments/files.ts';
import { nameMembers, type Member } from '../engine/experiments/members.ts';
import type { OpenedSweep } from './exp-open.ts';
import { orThrow } from './faults.ts';
import type { Io } from './io.ts';
import { whatToLoad, type Where } from './open.ts';
import type { RunOptions } from './run-options.ts';

/** The experiments that `-S` and `--name` ask for, by name. */
export interface NamedSweep {
  readonly members: readonly Member[];
  /** As their files name it. */
  readonly config: string | null;
}

/** Changes nothing. Throws `FaultError` for a name that is none or that another experiment has. */
export function nameSweep(
  { project, combinations, pipelines }: OpenedSweep,
  options: RunOptions,
  io: Io,
  where: Where,
): NamedSweep {
  const known = orThrow(readExperiments(project));
  const config = configOf(project.pipeline.root, options, io, where);
  const { commandLine } = project;
  const asked = { config, wanted: options.name, commandLine };
  const members = orThrow(nameMembers(combinations, pipelines, known, asked));
  return { members, config };
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
