import { chmodSync, copyFileSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { errnoOf } from './errno.ts';
import { osPath } from './names.ts';
import type { OutContent } from './outs.ts';

/**
 * Moves an out to `staged` as the folder that its tree will be, with files 0444 and folders 0755. A file that has
 * other hard links is replaced by a copy first, or its mode would change for the user too.
 * Returns every path in it, for syncing.
 */
export function stageOut(from: string, content: OutContent, staged: string): readonly string[] {
  // A folder can only be moved by who may write to it.
  for (const folder of content.folders) chmodSync(osPath(join(from, folder)), 0o755);
  if (content.kind === 'file') mkdirSync(staged, { mode: 0o755 });
  const target = content.kind === 'file' ? `${staged}/${basename(from)}` : staged;
  move(from, content, target);
  for (const { path, shared } of content.files) {
    const file = join(target, path);
    if (shared) unshare(file);
    chmodSync(osPath(file), 0o444);
  }
  const inside = [...content.files.map(({ path }) => path), ...content.folders];
  return [...inside.map((path) => join(target, path)), ...(content.kind === 'file' ? [staged] : [])];
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

/** The store is on another file system than the attempt. */
function copy(from: string, content: OutContent, target: string): void {
  for (const folder of content.folders) mkdirSync(osPath(join(target, folder)), { mode: 0o755 });
  for (const { path } of content.files) copyFileSync(osPath(join(from, path)), osPath(join(target, path)));
  for (const link of content.links) {
    const text = readlinkSync(osPath(join(from, link)), { encoding: 'buffer' });
    symlinkSync(text, osPath(join(target, link)));
  }
}

function unshare(file: string): void {
  const own = `${file}.ers-copy`;
  copyFileSync(osPath(file), osPath(own));
  renameSync(osPath(own), osPath(file));
}

function join(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}
