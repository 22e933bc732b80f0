import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../base/canonical.ts';
import { isDigest, type Digest } from '../../base/digest.ts';
import { namesIn } from '../entries.ts';
import { list, statWords } from '../listing.ts';
import { manifestDigest } from '../manifest.ts';
import { readManifest } from '../manifests.ts';
import { sayName } from '../names.ts';
import { damagedRecords } from '../records.ts';
import { judgeSteady, treeFolder } from '../trees.ts';
import type { Manifest, ManifestEntry } from '../types.ts';
import { Closed, type Readers } from './readers.ts';

/** What was found of one tree by reading every byte of it. */
export type VerifiedTree =
  | { readonly tree: Digest; readonly state: 'intact'; readonly files: number; readonly bytes: number }
  /** It was removed while its turn came. */
  | { readonly tree: Digest; readonly state: 'gone' }
  /** `files`: those that differ from the tree's list, sorted; empty where the list is lost. */
  | { readonly tree: Digest; readonly state: 'damaged'; readonly files: readonly string[] };

/** One thread is handed so many files, or files of so many bytes, at a time. */
const partFiles = 256;
const partBytes = 16 << 20;
/** So many trees are read side by side, that small ones keep all threads busy. */
const treesAtOnce = 8;

/** All trees that lie in a store, sorted. */
export function treesIn(root: string): readonly Digest[] {
  return namesIn(join(root, 'trees')).filter(isDigest);
}

/** Reads trees whole and tells of each as soon as it is known. False if `readers` were closed before the end. */
export async function verifyTrees(
  root: string,
  trees: readonly Digest[],
  readers: Readers,
  onTree: (verified: VerifiedTree) => void,
): Promise<boolean> {
  const left = [...trees].reverse();
  const work = async (): Promise<boolean> => {
    for (let tree = left.pop(); tree !== undefined; tree = left.pop()) {
      const verified = await judgeSteady(
        treeFolder(root, tree),
        (word) => word?.state === 'damaged',
        () => verifyTree(root, tree, readers),
      );
      if (verified === undefined) return false;
      onTree(verified);
    }
    return true;
  };
  const ended = await Promise.all(Array.from({ length: treesAtOnce }, work));
  return ended.every(Boolean);
}

/** `again`: files could not be read before. They may be there now: `ers gc` moves a tree away and puts it back if a run needs it. */
async function verifyTree(
  root: string,
  tree: Digest,
  readers: Readers,
  again = false,
): Promise<VerifiedTree | undefined> {
  const folder = treeFolder(root, tree);
  const listed = list(folder);
  if (listed.type === 'missing') return { tree, state: 'gone' };
  const bad = listed.type === 'unusable' ? listed.problems.map(({ path }) => path) : [];
  const listing = listed.type === 'listed' ? listed.listing : undefined;
  const entries: ManifestEntry[] = [];
  let bytes = 0;
  const read = async ({ paths, sizes }: Part): Promise<void> => {
    const hashes = await readers.hash(paths.map((path) => (path === '' ? folder : `${folder}/${path}`)));
    for (const [at, path] of paths.entries()) {
      const digest = hashes[at];
      if (typeof digest === 'string') entries.push({ path, bytes: sizes[at] ?? 0, digest });
      else bad.push(path);
      bytes += sizes[at] ?? 0;
    }
  };
  try {
    await Promise.all(listing === undefined ? [] : parts(listing.paths, listing.stats).map(read));
  } catch (error) {
    if (error instanceof Closed) return undefined;
    throw error;
  }
  const found = entries.sort((a, b) => byCodeUnit(a.path, b.path));
  if (bad.length === 0 && manifestDigest(found) === tree) {
    return { tree, state: 'intact', files: found.length, bytes };
  }
  // `ers gc` took it away meanwhile.
  if (!existsSync(folder)) return { tree, state: 'gone' };
  if (bad.length > 0 && !again) return verifyTree(root, tree, readers, true);
  return { tree, state: 'damaged', files: differences(readManifest(root, tree), found, bad) };
}

interface Part {
  readonly paths: string[];
  readonly sizes: number[];
}

/** Cuts a tree's files into what one thread reads at a time. */
function parts(paths: readonly string[], stats: BigUint64Array): readonly Part[] {
  const cut: Part[] = [];
  let room = 0;
  for (const [at, path] of paths.entries()) {
    const size = Number(stats[at * statWords]);
    let part = cut.at(-1);
    if (part === undefined || part.paths.length >= partFiles || room < size) {
      part = { paths: [], sizes: [] };
      room = partBytes;
      cut.push(part);
    }
    part.paths.push(path);
    part.sizes.push(size);
    room -= size;
  }
  return cut;
}

function differences(
  expected: Manifest | undefined,
  found: Manifest,
  bad: readonly string[],
): readonly string[] {
  if (expected === undefined) return bad.map(sayName).sort(byCodeUnit);
  const there = new Map(found.map(({ path, digest }) => [path, digest]));
  const wrong = expected.filter(({ path, digest }) => there.get(path) !== digest).map(({ path }) => path);
  const named = new Set(expected.map(({ path }) => path));
  const extra = found.filter(({ path }) => !named.has(path)).map(({ path }) => path);
  return [...new Set([...wrong, ...extra, ...bad])].map(sayName).sort(byCodeUnit);
}

/**
 * Moves the records that are not what they were written as to `quarantine/`; they were passed over before too.
 * Returns their names, `KEY/N.json`. `move` false: only names them.
 */
export function verifyRecords(root: string, move: boolean): readonly string[] {
  const damaged = damagedRecords(root);
  for (const name of move ? damaged : []) {
    renameSync(
      join(root, 'records', name),
      join(root, 'quarantine', `record-${name.replace('/', '-')}-${Date.now().toString(36)}`),
    );
  }
  return damaged;
}
