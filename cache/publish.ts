import { lstatSync, mkdirSync, renameSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { crashPoint } from '../base/crash-point.ts';
import { FaultError } from '../base/fault.ts';
import { basename, join } from 'node:path';
import { blockManifest, type Block } from './block.ts';
import { isExisting, isTooLong } from './errno.ts';
import { hashListing, safeAfter } from './hash-listing.ts';
import { list, statWords, type Listing } from './listing.ts';
import { writeManifest } from './manifests.ts';
import { inspectOut, kindFault, tooDeep, type OutContent } from './outs.ts';
import { stageOut } from './staging.ts';
import { syncAll, syncPath } from './sync.ts';
import { checkTree, forgetQuarantine, quarantineTree, treeFolder, type Trees } from './trees.ts';
import type { FinishedOut, StoredOut } from './types.ts';
import { heed, Interrupted, type Watch } from './watch.ts';
import { openWorkspace } from './workspace.ts';

/** See `Store.adopt`. A crash at any step leaves at most an unreferenced tree and a workspace that is swept later. */
export async function adoptOuts(
  trees: Trees,
  outs: Readonly<Record<string, FinishedOut>>,
  watch: Watch = {},
): Promise<Readonly<Record<string, StoredOut>>> {
  const inspected = inspectAll(outs);
  const workspace = openWorkspace(trees.root);
  crashPoint('adopt:begun');
  try {
    const stored: Record<string, StoredOut> = {};
    for (const [at, { name, out, content }] of inspected.entries()) {
      const staged = join(workspace.folder, `tree-${at}`);
      const paths = stage(name, out, content, staged);
      crashPoint('adopt:staged');
      await syncAll(paths, trees.root);
      heed(watch);
      crashPoint('adopt:synced');
      const block = await hashStaged(trees, name, staged, watch);
      crashPoint('adopt:hashed');
      stored[name] = await publish(
        trees,
        content.kind === 'file' ? basename(out.path) : null,
        block,
        staged,
        workspace.folder,
      );
    }
    return stored;
  } finally {
    workspace.close();
    crashPoint('adopt:ended');
  }
}

function inspectAll(outs: Readonly<Record<string, FinishedOut>>) {
  const inspected = Object.entries(outs).map(([name, out]) => ({ name, out, found: inspectOut(name, out) }));
  const faults = inspected.flatMap(({ found }) => (isContent(found) ? [] : found));
  if (faults.length > 0) throw new FaultError(...faults);
  return inspected.flatMap(({ name, out, found }) =>
    isContent(found) ? [{ name, out, content: found }] : [],
  );
}

function isContent(found: ReturnType<typeof inspectOut>): found is OutContent {
  return 'kind' in found;
}

/** In the store its paths are some characters longer. */
function stage(name: string, { path }: FinishedOut, content: OutContent, staged: string): readonly string[] {
  try {
    return stageOut(path, content, staged);
  } catch (error) {
    if (isTooLong(error)) throw new FaultError(kindFault(name, path, tooDeep));
    throw error;
  }
}

async function hashStaged(trees: Trees, name: string, staged: string, watch: Watch): Promise<Block> {
  const listed = list(staged);
  if (listed.type !== 'listed') {
    const path = listed.type === 'unusable' ? (listed.problems[0]?.path ?? '') : '';
    throw new FaultError(kindFault(name, path, 'leads nowhere or in a circle'));
  }
  await letAge(trees, listed.listing);
  const hashed = await hashListing(staged, listed.listing, undefined, trees.clock, watch);
  if (hashed.type === 'interrupted') throw new Interrupted();
  if (hashed.type === 'hashed') return hashed.block;
  throw new FaultError(kindFault(name, hashed.path, 'changed while it was stored; something still writes'));
}

/**
 * Setting the modes made every ctime new. A wait of some 20 ms lets their stats vouch for them from now on, instead of
 * having the whole tree read once more. Coarse clocks would need 2 s: there the second reading is cheaper.
 */
async function letAge(trees: Trees, listing: Listing): Promise<void> {
  let newest = 0n;
  for (let at = 2; at < listing.stats.length; at += statWords) {
    const ctime = listing.stats[at] ?? 0n;
    if (ctime > newest) newest = ctime;
  }
  // More than once, since a file system's clock may tick only every 10 ms.
  for (let tries = 0; tries < 5; tries += 1) {
    const now = trees.clock.now();
    if (now === undefined) return;
    const wait = safeAfter(newest) - now;
    if (wait < 0n || wait > 100_000_000n) return;
    await pause(Number(wait / 1_000_000n) + 2);
  }
}

/** The manifest first, then the tree by one rename: a tree that exists is complete. */
async function publish(
  trees: Trees,
  file: StoredOut['file'],
  block: Block,
  staged: string,
  workspace: string,
): Promise<StoredOut> {
  const manifest = blockManifest(block);
  const tree = writeManifest(trees.root, manifest, workspace);
  crashPoint('adopt:manifest');
  const target = treeFolder(trees.root, tree);
  const folder = join(trees.root, 'trees');
  mkdirSync(folder, { recursive: true });
  for (;;) {
    if (moveInto(staged, target)) {
      trees.index.set(tree, block);
      break;
    }
    const { state } = await checkTree(trees, { tree });
    if (state === 'intact') break;
    if (state === 'damaged' || isLink(target)) quarantineTree(trees, tree);
  }
  // Also of a tree that another run, which died here, published.
  forgetQuarantine(trees.root, tree);
  crashPoint('adopt:published');
  syncPath(folder);
  const digest = file === null ? tree : (manifest[0]?.digest ?? tree);
  return {
    tree,
    digest,
    kind: file === null ? 'folder' : 'file',
    file,
    files: block.files,
    bytes: block.bytes,
  };
}

/** Of a tree that somebody moved to another disk, for instance, and that is no longer there. */
function isLink(target: string): boolean {
  return lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** False if something of this name is there already: a tree, a file, or a link, which may lead nowhere. */
function moveInto(staged: string, target: string): boolean {
  try {
    renameSync(staged, target);
    return true;
  } catch (error) {
    if (isExisting(error) || lstatSync(target, { throwIfNoEntry: false }) !== undefined) return false;
    throw error;
  }
}
