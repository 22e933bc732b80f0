import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FaultError } from '../base/fault.ts';
import { blockEntries, vouches, type Block } from './block.ts';
import { fileClock, type FileClock } from './clock.ts';
import { errnoOf } from './errno.ts';
import { hashListing, waitToSettle } from './hash-listing.ts';
import { openIndexFile } from './index-file.ts';
import { failureFault, problemFault } from './input-faults.ts';
import { list, type Listed } from './listing.ts';
import { manifestText } from './manifest.ts';
import { osPath } from './names.ts';
import { look } from './stamp.ts';
import type { Found, StatIndex } from './types.ts';
import { Interrupted, type Watch } from './watch.ts';

export interface StatIndexOptions {
  /** Where the index lies; its folder is made. A damaged, foreign or unreadable file counts as empty. */
  readonly file: string;
  /** The file system's clock in ns since 1970; tests only. */
  readonly now?: () => bigint | undefined;
}

/** Opens the index in `file`, or begins an empty one where it is missing or damaged. */
export function openStatIndex(options: StatIndexOptions): StatIndex {
  const index = openIndexFile(options.file);
  const clock = clockFor(options);
  let files = 0;
  let bytes = 0;

  const block = async (path: string, watch?: Watch): Promise<Block | undefined> => {
    const root = resolve(path);
    return blockOf(root, list(root), watch);
  };
  const blockOf = async (root: string, listed: Listed, watch?: Watch): Promise<Block | undefined> => {
    if (listed.type === 'missing') return undefined;
    if (listed.type === 'unusable') {
      throw new FaultError(...listed.problems.map((problem) => problemFault(root, problem)));
    }
    const before = index.get(root);
    if (before !== undefined && vouches(before, listed.listing)) return before;
    const hashed = await hashListing(root, listed.listing, before, clock, watch);
    if (hashed.type !== 'hashed' && hashed.type !== 'interrupted') {
      throw new FaultError(failureFault(root, hashed.path, hashed.type));
    }
    files += hashed.read.files;
    bytes += hashed.read.bytes;
    if (hashed.block !== undefined) index.set(root, hashed.block);
    if (hashed.type === 'interrupted') throw new Interrupted();
    return hashed.block;
  };

  const lookAt = async (path: string, watch?: Watch) => {
    const root = resolve(path);
    const { listed, stamp } = look(root);
    return { found: foundOf(await blockOf(root, listed, watch)), stamp };
  };

  return {
    get read() {
      return { files, bytes };
    },
    find: async (path, watch) => foundOf(await block(path, watch)),
    look: lookAt,
    listOf: (path, digest) => {
      const found = index.get(resolve(path));
      return found?.digest === digest ? manifestText(blockEntries(found)) : undefined;
    },
    stamp: async (path, watch) => {
      const looked = await lookAt(path, watch);
      await waitToSettle(clock, looked.stamp, watch);
      return looked;
    },
    save: () => {
      index.save(exists);
      return Promise.resolve();
    },
  };
}

function foundOf(block: Block | undefined): Found {
  if (block === undefined) return { kind: 'missing' };
  const { kind, digest, files, bytes } = block;
  return kind === 'file' ? { kind, digest, bytes } : { kind, digest, files, bytes };
}

function clockFor(options: StatIndexOptions): FileClock {
  const folder = dirname(options.file);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    // A store that cannot be written to: the clock then reads the machine's temporary folder.
    if (errnoOf(error) === undefined) throw error;
  }
  const clock = fileClock(folder);
  return options.now === undefined ? clock : { now: options.now, stamps: () => true };
}

function exists(path: string): boolean {
  try {
    return lstatSync(osPath(path), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return true;
  }
}
