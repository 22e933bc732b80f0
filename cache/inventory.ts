import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest, type Digest } from '../base/digest.ts';
import { namesIn } from './entries.ts';
import { errnoOf, isExhausted } from './errno.ts';
import { readManifest } from './manifests.ts';
import { readRecords } from './records.ts';

/** A key of the store with what all its records name. */
export interface StoredKey {
  readonly key: Digest;
  /** As its newest record tells. */
  readonly stage: string;
  /** ISO time at which its newest record was made; empty if it does not tell. */
  readonly at: string;
  /** ms since 1970: `used/KEY`, else its newest record's own file. */
  readonly used: number;
  /** Those of its trees that are there. */
  readonly trees: readonly Digest[];
}

/** How much a tree holds. */
export interface StoredTree {
  readonly files: number;
  readonly bytes: number;
}

/** What lies in a store, each tree counted once. */
export interface Inventory {
  readonly keys: readonly StoredKey[];
  readonly trees: ReadonlyMap<Digest, StoredTree>;
}

/** Reads the records and sizes of the store at `root`; changes nothing. */
export function takeInventory(root: string): Inventory {
  const trees = new Map(
    namesIn(join(root, 'trees'))
      .filter(isDigest)
      .map((tree) => [tree, sizeOfTree(root, tree)]),
  );
  const keys = namesIn(join(root, 'records'))
    .filter(isDigest)
    .flatMap((key): readonly StoredKey[] => {
      const records = readRecords(root, key);
      const [newest] = records;
      if (newest === undefined) return [];
      const named = records.flatMap(({ outs }) => Object.values(outs).map(({ tree }) => tree));
      const { stage, at } = newest.made;
      return [
        {
          key,
          stage: typeof stage === 'string' ? stage : '?',
          at: typeof at === 'string' ? at : '',
          used: timeOf(join(root, 'used', key)) ?? timeOf(join(root, 'records', key)) ?? 0,
          trees: [...new Set(named)].filter((tree) => trees.has(tree)),
        },
      ];
    });
  return { keys, trees };
}

/** Files and bytes below a folder by their stats; links count nothing, nor what a program closed or put too deep. Zero if it is not there. */
export function sizeBelow(folder: string): StoredTree {
  let files = 0;
  let bytes = 0;
  for (const name of orIfClosed([], () => namesIn(folder))) {
    const path = join(folder, name);
    const stats = orIfClosed(undefined, () => lstatSync(path, { throwIfNoEntry: false }));
    const inner = stats?.isDirectory() === true ? sizeBelow(path) : { files: 0, bytes: 0 };
    files += inner.files + (stats?.isFile() === true ? 1 : 0);
    bytes += inner.bytes + (stats?.isFile() === true ? stats.size : 0);
  }
  return { files, bytes };
}

function orIfClosed<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === undefined || isExhausted(error)) throw error;
    return otherwise;
  }
}

function sizeOfTree(root: string, tree: Digest): StoredTree {
  const manifest = readManifest(root, tree);
  if (manifest === undefined) return sizeBelow(join(root, 'trees', tree));
  return { files: manifest.length, bytes: manifest.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function timeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
