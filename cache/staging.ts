import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { errnoOf } from './errno.ts';
import { osPath } from './names.ts';
import type { OutContent } from './outs.ts';

/**
 * Moves an out to `staged` as the folder that its tree will be, with files 0444 and folders 0755, whatever the umask; empty folders in it go. A file that has
 * other hard links is replaced by a copy first, or its mode would change for the user too.
 * Returns every path in it, for syncing.
 */
export function stageOut(from: string, content: OutContent, staged: string): readonly string[] {
  // A folder can only be moved by who may write to it.
  for (const folder of content.folders) chmodSync(osPath(join(from, folder)), 0o755);
  const folders = dropEmptyFolders(from, content);
  if (content.kind === 'file') makeFolder(staged);
  const target = content.kind === 'file' ? `${staged}/${basename(from)}` : staged;
  move(from, { ...content, folders }, target);
  crashPoint('adopt:moved');
  for (const { path, shared } of content.files) {
    const file = join(target, path);
    if (shared) unshare(file, `${staged}.copy`);
    chmodSync(osPath(file), 0o444);
  }
  const inside = [...content.files.map(({ path }) => path), ...folders];
  return [...inside.map((path) => join(target, path)), ...(content.kind === 'file' ? [staged] : [])];
}

/**
 * No manifest names an empty folder: kept, it would be there or not by which of two runs came first. Where links lie
 * in the out all folders stay, since one may lead to such a folder. Returns the folders that are left.
 */
function dropEmptyFolders(from: string, { folders, files, links }: OutContent): readonly string[] {
  if (links.length > 0) return folders;
  const full = new Set(['']);
  for (const { path } of files) {
    for (let at = path.lastIndexOf('/'); at !== -1; at = path.lastIndexOf('/', at - 1)) {
      full.add(path.slice(0, at));
    }
  }
  for (const folder of folders.toReversed()) if (!full.has(folder)) rmdirSync(osPath(join(from, folder)));
  return folders.filter((folder) => full.has(folder));
}

function move(from: string, content: OutContent, target: string): void {
  try {
    renameSync(osPath(from), osPath(target));
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    copy(from, content, target);
    rmSync(osPath(from), { recursive: true, force: true });
  }
}

/** The mode that `mkdir` is given is cut by the umask. */
function makeFolder(path: string): void {
  mkdirSync(osPath(path));
  chmodSync(osPath(path), 0o755);
}

/** The store is on another file system than the attempt. */
function copy(from: string, content: OutContent, target: string): void {
  for (const folder of content.folders) makeFolder(join(target, folder));
  for (const { path } of content.files) copyFileSync(osPath(join(from, path)), osPath(join(target, path)));
  for (const link of content.links) {
    const text = readlinkSync(osPath(join(from, link)), { encoding: 'buffer' });
    symlinkSync(text, osPath(join(target, link)));
  }
}

/** `own`: a name beside the out, where nothing of the stage's can lie. */
function unshare(file: string, own: string): void {
  copyFileSync(osPath(file), own);
  renameSync(own, osPath(file));
}

function join(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}
