import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit, type Json } from '../../base/canonical.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { sealedJson, unsealedJson } from '../../base/sealed-json.ts';
import { namesIn } from '../../cache/entries.ts';
import { didYouMean } from '../../base/suggest.ts';
import { readIfThere, writeWhole } from '../../cache/state-file.ts';
import { experimentsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import { parseExperiment, type Experiment } from './experiment.ts';

/** All experiments, by name. Faults: ERS_EXPERIMENT_DAMAGED, a file whose bytes are not those that were written; all of them. */
export function readExperiments(project: Project): Result<readonly Experiment[]> {
  const faults: Fault[] = [];
  const experiments = experimentNames(project).flatMap((name) => {
    const read = readNamed(project, name);
    if (read.ok) return [read.value];
    faults.push(...read.faults);
    return [];
  });
  return faults.length > 0 ? fail(...faults) : ok(experiments);
}

/** Faults: ERS_USAGE, there is none of that name; ERS_EXPERIMENT_DAMAGED. */
export function readExperiment(project: Project, name: string): Result<Experiment> {
  const names = experimentNames(project);
  if (names.includes(name)) return readNamed(project, name);
  return fail({
    code: 'ERS_USAGE',
    message: `There is no experiment \`${name}\`.`,
    ...(names.length === 0
      ? { hint: `Make one: ${project.commandLine('run', '-S', 'key=value')}` }
      : didYouMean(name, names)),
  });
}

/** What lies in the file now, if it is whole. */
export function findExperiment(project: Project, name: string): Experiment | undefined {
  return parseExperiment(unsealedJson(readIfThere(fileOf(project, name)) ?? ''), name);
}

export function experimentNames(project: Project): readonly string[] {
  return namesIn(experimentsFolder(project))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .toSorted(byCodeUnit);
}

/** Throws what the system says. */
export function writeExperiment(project: Project, experiment: Experiment): void {
  writeWhole(
    fileOf(project, experiment.name),
    sealedJson({ ...(experiment as unknown as { readonly [key: string]: Json }) }),
  );
}

/** Its results stay in the store until `gc` removes them. */
export function removeExperiment(project: Project, name: string): void {
  rmSync(fileOf(project, name), { force: true });
}

function readNamed(project: Project, name: string): Result<Experiment> {
  const file = fileOf(project, name);
  const experiment = findExperiment(project, name);
  if (experiment !== undefined) return ok(experiment);
  return fail({
    code: 'ERS_EXPERIMENT_DAMAGED',
    message: 'This file of an experiment is damaged, or was written by another version of ers.',
    place: { file },
    hint: `Forget it with: ${project.commandLine('exp', 'rm', name)}`,
  });
}

function fileOf(project: Project, name: string): string {
  return join(experimentsFolder(project), `${name}.json`);
}
