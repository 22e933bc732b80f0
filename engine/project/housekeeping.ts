import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest, short } from '../../base/digest.ts';
import { namesIn } from '../../cache/entries.ts';
import { ageOf, leftoverAt, type Leftover } from '../../cache/leftovers.ts';
import { readRecords } from '../../cache/records.ts';
import { sweepTemporaries, temporariesOfTheDead } from '../../cache/temporary.ts';
import { acceptedRecords } from './accepted.ts';
import { runsFolder, stageLogsFolder } from './layout.ts';
import type { Keep, Pipeline } from '../definition/types.ts';
import type { Project } from './project.ts';
import { unnamedBundles } from '../user-stage/unnamed.ts';

const day = 24 * 3600 * 1000;
const keptRuns = 20;

/**
 * Of a project's own `.ers`: logs of runs older than 30 days, save the newest 20, logs of stages for keys without a
 * record, file lists that no record names, bundles of the user's stages that nothing names, and what dead writers left.
 */
export function projectLeftovers(project: Project, now: number): readonly Leftover[] {
  const runs = runsFolder(project);
  const old = namesIn(runs)
    .slice(0, -keptRuns)
    .map((name) => join(runs, name))
    .filter((path) => ageOf(path, now) > 30 * day);
  const inputs = join(project.pipeline.root, '.ers', 'inputs');
  const named = digestsOfRecords(project);
  const lists = namesIn(inputs)
    .filter((name) => isDigest(name) && !named.has(name))
    .map((name) => join(inputs, name))
    // A run writes them before its record.
    .filter((path) => ageOf(path, now) > 30 * day);
  const logs = abandonedLogs(project, now);
  const cut = writtenFolders(project).flatMap(temporariesOfTheDead);
  return [
    ...old,
    ...logs,
    ...lists,
    ...unnamedBundles(project.pipeline.root, project.store.root, now),
    ...cut,
  ].map(leftoverAt);
}

/** Where nothing was written for 30 days and nothing was made: attempts that failed or were given up. */
function abandonedLogs(project: Project, now: number): readonly string[] {
  const made = new Set(namesIn(join(project.store.root, 'records')).filter(isDigest).map(short));
  const folders = namesIn(stageLogsFolder(project)).flatMap((stage) => {
    const folder = join(stageLogsFolder(project), stage);
    return namesIn(folder)
      .filter((key) => !made.has(key))
      .map((key) => join(folder, key));
  });
  return folders.filter((folder) => {
    const ages = [folder, ...namesIn(folder).map((name) => join(folder, name))].map((path) =>
      ageOf(path, now),
    );
    return Math.min(...ages) > 30 * day;
  });
}

/** After a run that died: removes the files and links that it had not yet renamed into place. */
export function sweepProject(project: Project): void {
  for (const folder of writtenFolders(project)) sweepTemporaries(folder);
}

/** Where files and links of a project are renamed into place. */
function writtenFolders({ pipeline: { root } }: Project): readonly string[] {
  const own = ['.', 'current', 'accepted', 'inputs', 'pins', 'experiments', 'stages'].map((name) =>
    join(root, '.ers', name),
  );
  return [root, ...own, ...foldersBelow(join(root, 'artifacts'))];
}

/** A folder and all in it, without following links. */
function foldersBelow(folder: string): readonly string[] {
  const inner = namesIn(folder)
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
  return [folder, ...inner.flatMap(foldersBelow)];
}

/** Every digest that is an input of a record, also of one without bytes. */
function digestsOfRecords(project: Project): ReadonlySet<string> {
  const { root } = project.store;
  const texts = namesIn(join(root, 'records'))
    .filter(isDigest)
    .flatMap((key) => readRecords(root, key).map(({ inputs }) => JSON.stringify(inputs)));
  const accepted = project.pipeline.order.map((stage) => JSON.stringify(acceptedRecords(project, stage)));
  return new Set([...texts, ...accepted].flatMap((text) => text.match(/[0-9a-f]{64}/g) ?? []));
}

/** Stage or matrix → which of its results `gc` is to keep; without those that leave it to the cap. */
export function keptResults({ stages }: Pipeline): ReadonlyMap<string, Keep> {
  return new Map(
    [...stages.values()].flatMap(({ name, member, keep }) =>
      keep === null ? [] : [name, ...(member === undefined ? [] : [member.of])].map((each) => [each, keep]),
    ),
  );
}
