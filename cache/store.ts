import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { crashPoint } from '../base/crash-point.ts';
import { fail, FaultError, ok, type Fault, type Result } from '../base/fault.ts';
import {
  asStoreFault,
  errnoOf,
  isExhausted,
  isExisting,
  isMissing,
  isReadOnly,
  readOnlyFault,
} from './errno.ts';
import { makeOwnFolder } from './own-folder.ts';
import { adoptOuts } from './publish.ts';
import { readRecord, writeRecord } from './records.ts';
import { checkTree, openTrees, outPath, quarantineTree, saveTrees, treeManifest } from './trees.ts';
import type { Store } from './types.ts';

/** Folders of a store (DESIGN §4). `incoming/` holds one workspace a writer; what is renamed lies there before. */
const folders = ['trees', 'manifests', 'records', 'used', 'attempts', 'quarantine', 'trash', 'incoming'];

/**
 * Opens the store at `root`, making it if it is not there. One that may only be read is opened with `readOnly: true`.
 * Faults: ERS_STORE_READ_ONLY if there is none and none can be made, ERS_STORE_DAMAGED if something else is there,
 * ERS_DISK_FULL, ERS_USAGE where no folder can lie.
 */
export function openStore(options: { readonly root: string }): Result<Store> {
  const root = resolve(options.root);
  const access = prepare(root);
  if (!access.ok) return access;
  const { readOnly } = access.value;
  const trees = openTrees(root, readOnly);
  const writable = (): void => {
    if (readOnly) throw new FaultError(readOnlyFault(root));
  };
  return ok({
    root,
    readOnly,
    record: (key) => readRecord(root, key),
    pathOf: (out) => outPath(root, out),
    check: (out, watch) => checkTree(trees, out, watch),
    manifest: (tree) => guard(root, () => treeManifest(trees, tree)),
    quarantine: (tree) => {
      writable();
      return guard(root, () => quarantineTree(trees, tree));
    },
    adopt: async (outs, watch) => {
      writable();
      try {
        return await adoptOuts(trees, outs, watch);
      } catch (error) {
        throw asStoreFault(error, root);
      }
    },
    commit: (record) => {
      writable();
      guard(root, () => writeRecord(root, record));
    },
    touch: (key) => {
      if (readOnly) return;
      guard(root, () => stamp(join(root, 'used', key)));
      crashPoint('used:stamped');
    },
    save: () => {
      saveTrees(trees);
      return Promise.resolve();
    },
  });
}

function prepare(root: string): Result<{ readonly readOnly: boolean }> {
  try {
    // First, because a recursive mkdir on a read-only disk fails with a misleading ENOENT.
    const base = nearestExisting(root);
    accessSync(base, constants.W_OK);
    if (base !== root && !statSync(base).isDirectory()) return fail(unmakeable(root, 'ENOTDIR'));
    makeFolder(dirname(root));
    makeOwnFolder(root);
    for (const folder of folders) makeFolder(join(root, folder));
    crashPoint('store:made');
    accessSync(join(root, 'trees'), constants.W_OK);
    return ok({ readOnly: false });
  } catch (error) {
    const stats = lookAt(root);
    if (stats !== undefined && !stats.isDirectory()) return fail(notAFolder(root));
    if (isReadOnly(error) && stats !== undefined) return ok({ readOnly: true });
    const fault = asStoreFault(error, root);
    if (errnoOf(error) === 'ENOTDIR' || !(fault instanceof FaultError)) {
      if (errnoOf(error) === undefined || isExhausted(error)) throw error;
      return fail(unmakeable(root, errnoOf(error) ?? ''));
    }
    return fail(...fault.faults);
  }
}

/** Step by step: a recursive `mkdir` never ends where a folder that is there takes no others, as in /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const isThere = isExisting(error) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isThere) throw error;
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function lookAt(root: string) {
  try {
    return statSync(root, { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

function unmakeable(root: string, errno: string): Fault {
  return {
    code: 'ERS_USAGE',
    message: `The store ${root} cannot be made: no folder can lie there (${errno}).`,
    place: { file: root },
    hint: 'Name a folder on a disk with `store:` or ERS_STORE.',
  };
}

function notAFolder(root: string): Fault {
  return {
    code: 'ERS_STORE_DAMAGED',
    message: `The store ${root} is not a folder.`,
    place: { file: root },
    hint: 'Move it away, or name another store with `store:` or ERS_STORE.',
  };
}

function guard<T>(root: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreFault(error, root);
  }
}

/**
 * Sets the time of an empty file to now, making it first if need be. In a shared store it may be another user's: then the
 * time stays as that one set it, since a result is none the worse for it.
 */
function stamp(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch (error) {
    if (isReadOnly(error)) return;
    if (!isMissing(error)) throw error;
    closeSync(openSync(file, 'a'));
  }
}
