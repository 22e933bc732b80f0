import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { StageRecord } from '../cache/types.ts';
import type { Stage } from './definition/types.ts';
import { artifactsFolder } from './layout.ts';
import type { Project } from './project.ts';

/**
 * Points `artifacts/STAGE/OUT` at the trees of a record: relative links, each replaced by rename, so that a reader
 * sees the old tree or the new one. Touches nothing that is right already. Returns the paths, relative to the
 * project, where something lies that is no link and thus the user's own; it is left alone.
 */
export function showArtifacts(project: Project, stage: Stage, record: StageRecord): readonly string[] {
  const folder = artifactsFolder(project, stage.name);
  const inTheWay: string[] = [];
  for (const [name, { path }] of Object.entries(stage.outs)) {
    const stored = record.outs[name];
    if (stored === undefined) throw new Error(`Internal error: record of ${stage.name} lacks ${name}`);
    const link = join(folder, path);
    const blocker = pointAt(folder, link, relative(dirname(link), project.store.pathOf(stored)));
    if (blocker !== undefined) inTheWay.push(relative(project.pipeline.root, blocker).replaceAll(sep, '/'));
  }
  return inTheWay;
}

/** Returns the path that is in the way, if one is. */
function pointAt(folder: string, link: string, target: string): string | undefined {
  const blocker = ownParent(folder, dirname(link));
  if (blocker !== undefined) return blocker;
  const kind = kindOf(link);
  if (kind === 'link' && readlinkSync(link) === target) return undefined;
  if (kind === 'other' || kind === 'folder') return link;
  const temporary = join(dirname(link), `.${randomBytes(6).toString('hex')}.tmp`);
  symlinkSync(target, temporary);
  renameSync(temporary, link);
  return undefined;
}

/**
 * Makes the folders from the stage's own down to `parent`. A link among them is an out of an earlier pipeline: to
 * write through it would change a stored tree, so it goes. Returns a path where a file of the user's lies.
 */
function ownParent(folder: string, parent: string): string | undefined {
  const steps = relative(folder, parent).split(sep);
  let at = folder;
  mkdirSync(folder, { recursive: true });
  for (const step of steps) {
    at = join(at, step);
    if (kindOf(at) === 'link') unlinkSync(at);
    if (kindOf(at) === 'other') return at;
    mkdirSync(at, { recursive: true });
  }
  return undefined;
}

function kindOf(path: string): 'link' | 'folder' | 'other' | 'missing' {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'missing';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isDirectory() ? 'folder' : 'other';
}
