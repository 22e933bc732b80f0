import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { crashPoint } from '../../base/crash-point.ts';
import { namesIn } from '../../cache/entries.ts';
import { makeOwnFolder } from '../../cache/own-folder.ts';
import { temporaryFor } from '../../cache/temporary.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage, StageName } from '../definition/types.ts';
import { artifactsFolder } from './layout.ts';
import type { Project } from './project.ts';
import { sayPath } from './say-path.ts';
import { removeStaleLinks } from './stale-links.ts';
import { sayUnwritten } from './unwritten.ts';

/**
 * Points `artifacts/STAGE/OUT` at the trees of a record: relative links, each replaced by rename, so that a reader
 * sees the old tree or the new one. A link whose tree was collected goes, so that it shows no other result. Touches nothing
 * that is right already. Returns a sentence for each path, relative
 * to the project, where something lies that is no link and thus the user's own, or that cannot be written; it is left
 * alone.
 */
export function showArtifacts(project: Project, stage: Stage, record: StageRecord): readonly string[] {
  const { root } = project.pipeline;
  const folder = artifactsFolder(project, stage.name);
  const problems = new Set<string>();
  const links = new Set(Object.values(stage.outs).map(({ path }) => join(folder, path)));
  const unswept = sayUnwritten(root, folder, () => removeStaleLinks(project, folder, links));
  if (unswept !== undefined) problems.add(unswept);
  for (const [name, { path }] of Object.entries(stage.outs)) {
    const stored = record.outs[name];
    if (stored === undefined) throw new Error(`Internal error: record of ${stage.name} lacks ${name}`);
    const link = join(folder, path);
    const unwritten = sayUnwritten(root, link, () => {
      const tree = project.store.pathOf(stored);
      const blocker = pointAt(folder, link, existsSync(tree) ? tree : undefined);
      if (blocker !== undefined) problems.add(sayInTheWay(sayPath(root, blocker)));
    });
    if (unwritten !== undefined) problems.add(unwritten);
  }
  return [...problems];
}

/** Takes away what former stages and members left in `artifacts/`. Returns a sentence if the system refuses. */
export function forgetFormerStages(project: Project): string | undefined {
  const { root, stages } = project.pipeline;
  const folder = join(root, 'artifacts');
  return sayUnwritten(root, folder, () => {
    const former = namesIn(folder).filter((name) => !stages.has(name as StageName));
    for (const name of former) removeStaleLinks(project, join(folder, name), new Set());
  });
}

function sayInTheWay(path: string): string {
  return `${path} is no link of ers, so it was left alone; move it away to see the artifact there`;
}

/** Returns the path that is in the way, if one is. Without a tree the link goes. */
function pointAt(folder: string, link: string, tree: string | undefined): string | undefined {
  const blocker = ownParent(folder, dirname(link));
  if (blocker !== undefined) return blocker;
  const kind = kindOf(link);
  // The system reads `..` from where a folder really lies, not from the links by which it was reached.
  const target = tree === undefined ? undefined : relative(realpathSync(dirname(link)), realpathSync(tree));
  if (kind === 'link' && readlinkSync(link) === target) return undefined;
  if (target === undefined) {
    if (kind === 'link') unlinkSync(link);
    return undefined;
  }
  if (kind === 'other' || kind === 'folder') return link;
  const temporary = temporaryFor(join(dirname(link), '.link'));
  symlinkSync(target, temporary);
  crashPoint('link:written');
  renameSync(temporary, link);
  crashPoint('link:there');
  return undefined;
}

/**
 * Makes the folders from the stage's own down to `parent`. A link among them is an out of an earlier pipeline: to
 * write through it would change a stored tree, so it goes. Returns a path where a file of the user's lies.
 */
function ownParent(folder: string, parent: string): string | undefined {
  for (const path of [dirname(folder), folder]) {
    if (isFile(path)) return path;
  }
  const steps = relative(folder, parent).split(sep);
  let at = folder;
  makeOwnFolder(dirname(folder));
  mkdirSync(folder, { recursive: true });
  for (const step of steps) {
    at = join(at, step);
    if (kindOf(at) === 'link') unlinkSync(at);
    if (kindOf(at) === 'other') return at;
    mkdirSync(at, { recursive: true });
  }
  return undefined;
}

/** Something else than a folder, or than a link to one. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

function kindOf(path: string): 'link' | 'folder' | 'other' | 'missing' {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'missing';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isDirectory() ? 'folder' : 'other';
}
