import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { manifestDigest } from './manifest.ts';
import type { Digest } from '../base/digest.ts';
import { blockManifest, vouches } from './block.ts';
import { fileClock, type FileClock } from './clock.ts';
import { namesIn } from './entries.ts';
import { isMissing } from './errno.ts';
import { hashListing } from './hash-listing.ts';
import { openIndexFile, type IndexFile } from './index-file.ts';
import { list } from './listing.ts';
import { readManifest, writeManifest } from './manifests.ts';
import { moveFolder } from './move-folder.ts';
import { sayName } from './names.ts';
import type { Manifest, StoredOut, TreeState } from './types.ts';
import { Interrupted, type Watch } from './watch.ts';
import { openWorkspace } from './workspace.ts';

/** The trees of a store and what this host knows of their stats. */
export interface Trees {
  readonly root: string;
  readonly readOnly: boolean;
  /** Blocks by tree digest; each lists the tree's folder. */
  readonly index: IndexFile;
  readonly clock: FileClock;
}

export function openTrees(root: string, readOnly: boolean): Trees {
  const host = hostname().replace(/[^\w.-]/g, '_');
  return { root, readOnly, index: openIndexFile(join(root, `index-${host}`)), clock: fileClock(root) };
}

/**
 * The folder of a tree. A folder out is this folder itself; a file out lies in it under its own name, so that every
 * tree is published by one rename of a folder, and a program that follows the link of an artifact sees its suffix.
 */
export function treeFolder(root: string, tree: Digest): string {
  return join(root, 'trees', tree);
}

/** Where an out's plain file or folder lies. */
export function outPath(root: string, out: Pick<StoredOut, 'tree' | 'file'>): string {
  const folder = treeFolder(root, out.tree);
  return out.file === null ? folder : join(folder, out.file);
}

/** See `Store.check`. */
export async function checkTree(
  trees: Trees,
  { tree }: Pick<StoredOut, 'tree'>,
  watch?: Watch,
): Promise<TreeState> {
  return judgeSteady(
    treeFolder(trees.root, tree),
    ({ state }) => state === 'damaged',
    () => judgeTree(trees, tree, watch),
  );
}

/**
 * Judges a folder until a bad word is on the one that lies there. While a large tree is read, `gc` may take it away, or
 * another run or `ers verify` move it aside and a good one be made in its place: that one must not be moved aside for it.
 */
export async function judgeSteady<T>(
  folder: string,
  isBad: (word: T) => boolean,
  judge: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const seen = inodeOf(folder);
    const word = await judge();
    if (!isBad(word) || inodeOf(folder) === seen) return word;
  }
}

function inodeOf(folder: string): bigint | undefined {
  return lstatSync(folder, { bigint: true, throwIfNoEntry: false })?.ino;
}

async function judgeTree(trees: Trees, tree: Digest, watch?: Watch): Promise<TreeState> {
  const folder = treeFolder(trees.root, tree);
  const listed = list(folder);
  if (listed.type === 'missing') {
    return isQuarantined(trees.root, tree)
      ? { state: 'damaged', file: '', gone: true }
      : { state: 'missing' };
  }
  if (listed.type === 'unusable') return { state: 'damaged', file: sayName(listed.problems[0]?.path ?? '') };
  const before = trees.index.get(tree);
  // Another digest: of the part that an interrupted reading had come to.
  if (before?.digest === tree && vouches(before, listed.listing)) return { state: 'intact' };
  const hashed = await hashListing(folder, listed.listing, before, trees.clock, watch);
  if (hashed.type === 'interrupted') {
    if (hashed.block !== undefined) trees.index.set(tree, hashed.block);
    throw new Interrupted();
  }
  if (hashed.type !== 'hashed') return { state: 'damaged', file: sayName(hashed.path) };
  const found = blockManifest(hashed.block);
  const expected = readManifest(trees.root, tree);
  if (manifestDigest(found) !== tree) {
    trees.index.delete(tree);
    return { state: 'damaged', file: firstDifference(expected, found) };
  }
  trees.index.set(tree, hashed.block);
  if (expected === undefined && !trees.readOnly) restoreManifest(trees.root, found);
  return { state: 'intact' };
}

/** See `Store.manifest`. */
export function treeManifest(trees: Trees, tree: Digest): Manifest | undefined {
  const written = readManifest(trees.root, tree);
  if (written !== undefined) return written;
  const block = trees.index.get(tree);
  const known = block === undefined ? undefined : blockManifest(block);
  if (known === undefined || manifestDigest(known) !== tree) return undefined;
  if (!trees.readOnly) restoreManifest(trees.root, known);
  return known;
}

/** Whether a tree that is not there was moved aside, and not made again since. */
function isQuarantined(root: string, tree: Digest): boolean {
  return namesIn(join(root, 'quarantine')).some((name) => name.startsWith(`${tree}-`));
}

/** A tree that was moved aside is there again: what lies in `quarantine/` no longer tells of it. */
export function forgetQuarantine(root: string, tree: Digest): void {
  const folder = join(root, 'quarantine');
  for (const name of namesIn(folder).filter((each) => each.startsWith(`${tree}-`))) {
    renameIfThere(join(folder, name), join(folder, `again-${name}`));
  }
}

/** See `Store.quarantine`. */
export function quarantineTree(trees: Trees, tree: Digest): string | undefined {
  const folder = join(trees.root, 'quarantine');
  const target = join(folder, `${tree}-${randomUUID().slice(0, 8)}`);
  mkdirSync(folder, { recursive: true });
  const moved = renameIfThere(treeFolder(trees.root, tree), target);
  crashPoint('quarantine:moved');
  trees.index.delete(tree);
  return moved ? target : undefined;
}

/** False if another process was faster. */
function renameIfThere(from: string, to: string): boolean {
  try {
    moveFolder(from, to);
    return true;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return false;
  }
}

/** Writes what this host learnt, less the trees that are gone. */
export function saveTrees(trees: Trees): void {
  if (!trees.readOnly) trees.index.save((tree) => existsSync(treeFolder(trees.root, tree as Digest)));
}

/** The tree is whole but its list was lost: the list follows from it. */
function restoreManifest(root: string, manifest: Manifest): void {
  const workspace = openWorkspace(root);
  try {
    writeManifest(root, manifest, workspace.folder);
  } finally {
    workspace.close();
  }
}

function firstDifference(expected: Manifest | undefined, found: Manifest): string {
  if (expected === undefined) return 'one of its files; their list is lost too';
  const left = new Map(found.map((entry) => [entry.path, entry.digest]));
  for (const { path, digest } of expected) {
    if (left.get(path) !== digest) return sayName(path);
    left.delete(path);
  }
  const [extra = ''] = left.keys();
  return sayName(extra);
}
