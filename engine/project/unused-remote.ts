import { lstatSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { namesIn } from '../../cache/entries.ts';
import { ageOf, leftoverAt, type Leftover } from '../../cache/leftovers.ts';
import { osPath } from '../../cache/names.ts';
import type { Project } from './project.ts';

/** ms for which a file is kept at least: other checkouts cannot be asked whether they need it. */
const leastAge = 30 * 24 * 3600 * 1000;

/**
 * Fetched files of a hub, a folder each revision, that no stage of this pipeline names and nobody has asked for in `olderThan`
 * ms, at least 30 days. One that is missed is fetched again.
 */
export function unusedRemote(
  { pipeline, remoteFiles }: Pick<Project, 'pipeline' | 'remoteFiles'>,
  now: number,
  olderThan: number,
): readonly Leftover[] {
  if (remoteFiles === undefined) return [];
  const named = [...pipeline.stages.values()].flatMap(({ deps }) =>
    Object.values(deps).flatMap((dep) =>
      dep.type === 'remote' ? [dirname(remoteFiles.pathOf(dep.file)) + sep] : [],
    ),
  );
  return revisionsIn(remoteFiles.folder)
    .filter((folder) => !named.some((path) => path.startsWith(folder + sep)))
    .filter((folder) => lastAge(folder, now) > Math.max(olderThan, leastAge))
    .map(leftoverAt);
}

/** `OWNER--NAME/REVISION`, as the provider makes them. A link is somebody else's, and so is what it leads to. */
function revisionsIn(base: string): readonly string[] {
  return foldersIn(base, /^.+--.+$/).flatMap((repo) => foldersIn(repo, /^[0-9a-f]{40}$/));
}

function foldersIn(folder: string, pattern: RegExp): readonly string[] {
  return namesIn(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(osPath(path), { throwIfNoEntry: false })?.isDirectory() === true);
}

/** ms since anything in it was written or stamped. */
function lastAge(folder: string, now: number): number {
  return Math.min(
    ...[folder, ...namesIn(folder).map((name) => join(folder, name))].map((path) => ageOf(path, now)),
  );
}
