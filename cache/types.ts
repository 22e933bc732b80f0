import type { Json } from '../base/canonical.ts';
import type { Digest } from '../base/digest.ts';
import type { Place } from '../base/fault.ts';
import type { Stamp } from './stamp.ts';
import type { Watch } from './watch.ts';

/** One file of a tree. `path` is relative, POSIX; it is '' when the tree is a single file. */
export interface ManifestEntry {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
}

/** All files of an input or of an out, sorted by code unit of `path`. Empty folders do not count. */
export type Manifest = readonly ManifestEntry[];

/**
 * What lies at a path, by content. The digest of a file is the sha256 of its bytes whatever its name;
 * that of a folder is the sha256 of its manifest's text.
 */
export type Found =
  | { readonly kind: 'file'; readonly digest: Digest; readonly bytes: number }
  | { readonly kind: 'folder'; readonly digest: Digest; readonly files: number; readonly bytes: number }
  | { readonly kind: 'missing' };

/**
 * Content of paths outside the store, read only where `stat` cannot vouch for what was hashed before
 * (size, mtime ns, ctime ns, inode; the racy rule of DESIGN invariant 3). What a `Watch` ends throws `Interrupted`; the
 * files of a folder that were read by then are kept, and not read again.
 */
export interface StatIndex {
  /** Throws `FaultError` (ERS_INPUT_KIND, ERS_INPUT_MISSING, ERS_INPUT_CHANGED) for what cannot be an input. */
  find(path: string, watch?: Watch): Promise<Found>;
  /** `find` and a stamp of the same moment, by one walk. */
  look(path: string, watch?: Watch): Promise<{ readonly found: Found; readonly stamp: Stamp }>;
  /**
   * The file list (text of a manifest) behind a folder's digest that `find` gave, without a look at the disk. Undefined
   * if another content was found there since. For `why`, not on the no-op path.
   */
  listOf(path: string, digest: Digest): string | undefined;
  /**
   * As `look`, and waits until the clock has gone on far enough (about 20 ms after the newest change, 2 s where
   * stamps are coarse) for any later edit to show in another stamp. Only before a stage really runs.
   */
  stamp(path: string, watch?: Watch): Promise<{ readonly found: Found; readonly stamp: Stamp }>;
  /** Writes the index whole by rename, if something was learnt. A read-only place is no fault. */
  save(): Promise<void>;
  /** How much content this index had to read since it was opened: nothing on a no-op. */
  readonly read: { readonly files: number; readonly bytes: number };
}

/** How a tree in the store is. */
export type TreeState =
  | { readonly state: 'intact' }
  | { readonly state: 'missing' }
  /** `gone`: it was moved to `quarantine/` and nobody has made it again. */
  | { readonly state: 'damaged'; readonly file: string; readonly gone?: true };

/** An out as a record names it. */
export interface StoredOut {
  /** Name of the folder in `trees/`: the sha256 of the manifest's text. */
  readonly tree: Digest;
  /** What dependents put into their key: for a file its own sha256, for a folder the same as `tree`. */
  readonly digest: Digest;
  readonly kind: 'file' | 'folder';
  /** Name of a file out within its tree, which is the name it was declared with; null for a folder. */
  readonly file: string | null;
  readonly files: number;
  readonly bytes: number;
}

/** The result of one successful attempt; immutable. */
export interface StageRecord {
  readonly version: 1;
  readonly key: Digest;
  /** The key's own text, parsed: `why` is a diff of two of these. */
  readonly inputs: Json;
  readonly outs: Readonly<Record<string, StoredOut>>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Times, machine, exact runtime, seed, command line: provenance that no key holds. */
  readonly made: Readonly<Record<string, Json>>;
}

/** An out as a finished stage left it in its attempt's folder. */
export interface FinishedOut {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'any';
  /** How faults name its path, which is a random one, and where they place it; else by the path. */
  readonly said?: { readonly path: string; readonly place: Place };
}

/**
 * The content-addressed store (DESIGN §4). Every write is atomic; a reader sees a thing whole or not at all. What a
 * `Watch` ends throws `Interrupted`.
 */
export interface Store {
  readonly root: string;
  readonly readOnly: boolean;
  /** The newest valid record of a key; an unreadable or damaged one is passed over. */
  record(key: Digest): StageRecord | undefined;
  /** Where an out's plain file or folder lies: `trees/TREE/NAME` for a file, `trees/TREE` for a folder. */
  pathOf(out: StoredOut): string;
  /** Trusted if this host hashed it and names, sizes, times and inodes are unchanged since; otherwise hashed now. */
  check(out: StoredOut, watch?: Watch): Promise<TreeState>;
  /**
   * The files of a tree. A list that was lost or damaged follows from what `check` or `adopt` learnt of the tree, and is
   * written again; undefined if neither is there.
   */
  manifest(tree: Digest): Manifest | undefined;
  /** Moves a damaged tree aside so that it can be made again; returns where it went, undefined if it is gone already. */
  quarantine(tree: Digest): string | undefined;
  /**
   * Takes finished outs from an attempt's folder: checks kinds, sets modes, syncs, hashes, renames into `trees/`.
   * Throws `FaultError` (ERS_OUT_MISSING, ERS_OUT_KIND, ERS_DISK_FULL, ERS_STORE_READ_ONLY). Faults of kind are
   * found for all outs before the first one is moved.
   */
  adopt(
    outs: Readonly<Record<string, FinishedOut>>,
    watch?: Watch,
  ): Promise<Readonly<Record<string, StoredOut>>>;
  /**
   * The commit point: links the record as the next number of its key.
   * Throws `FaultError` (ERS_DISK_FULL, ERS_STORE_READ_ONLY).
   */
  commit(record: StageRecord): void;
  /** Stamps the last use of a key, for `gc`. Does nothing in a read-only store. */
  touch(key: Digest): void;
  /** Keeps what `check` and `adopt` learnt about the trees' stats. */
  save(): Promise<void>;
}
