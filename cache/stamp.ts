import { lstatSync, statSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { canonical } from '../base/canonical.ts';
import { sha256, type Digest } from '../base/digest.ts';
import { errnoOf } from './errno.ts';
import { namesIn, wordsOf } from './listing.ts';
import { osPath, sayName } from './names.ts';

/**
 * How a path stood at one instant, by the stats of all that lies there: files, folders and links, those among the
 * path's own parents included. Two equal stamps say that nothing was touched between, be it only there and back.
 */
export interface Stamp {
  readonly digest: Digest;
  /** Relative path ('' = the root; absolute for links above it) → its stats as text. */
  readonly entries: ReadonlyMap<string, string>;
  /** Newest ctime, ns. */
  readonly newest: bigint;
  /** Each device met → a path on it. */
  readonly devices: ReadonlyMap<bigint, string>;
}

/** Stamps a path as it is now. What is missing or cannot be looked at is part of the stamp, not an error. */
export function stampNow(root: string): Stamp {
  const entries = new Map<string, string>();
  const devices = new Map<bigint, string>();
  let newest = 0n;
  const note = (path: string, full: string, stats: BigIntStats): void => {
    entries.set(path, `${entries.get(path) ?? ''}${wordsOf(stats).join(' ')};`);
    if (stats.ctimeNs > newest) newest = stats.ctimeNs;
    if (!devices.has(stats.dev)) devices.set(stats.dev, full);
  };
  const visit = (path: string, full: string, above: readonly BigIntStats[]): void => {
    try {
      const own = lstatSync(osPath(full), { bigint: true });
      note(path, full, own);
      const stats = own.isSymbolicLink() ? statSync(osPath(full), { bigint: true }) : own;
      if (stats !== own) note(path, full, stats);
      if (!stats.isDirectory() || above.some(({ ino, dev }) => ino === stats.ino && dev === stats.dev))
        return;
      for (const name of namesIn(full)) {
        visit(path === '' ? name : `${path}/${name}`, `${full}/${name}`, [...above, stats]);
      }
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      entries.set(path, `${entries.get(path) ?? ''}${errno};`);
    }
  };
  for (let parent = dirname(root); parent !== dirname(parent); parent = dirname(parent)) {
    const stats = lstatSync(osPath(parent), { bigint: true, throwIfNoEntry: false });
    if (stats?.isSymbolicLink() === true) note(parent, parent, stats);
  }
  visit('', root, []);
  return { digest: sha256(canonical(Object.fromEntries(entries))), entries, newest, devices };
}

/** The first path that two stamps tell apart, for a message; '' for the root itself. */
export function firstTouched(before: Stamp, after: Stamp): string {
  const differs = (path: string): boolean => before.entries.get(path) !== after.entries.get(path);
  const touched = [...new Set([...after.entries.keys(), ...before.entries.keys()])].filter(differs);
  // A folder's own stats change with its entries: a path inside it says more.
  const inner = touched.find((path) => !touched.some((other) => isInside(other, path)));
  return sayName(inner ?? touched[0] ?? '');
}

function isInside(path: string, folder: string): boolean {
  return path !== folder && (folder === '' ? !path.startsWith('/') : path.startsWith(`${folder}/`));
}
