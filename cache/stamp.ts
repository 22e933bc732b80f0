import { lstatSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { foldersAbove, type FolderAbove } from './above.ts';
import { sha256, type Digest } from '../base/digest.ts';
import { list, putWords, statWords, withPlace, type Listed, type Witness } from './listing.ts';
import { encodeName, osPath, sayName } from './names.ts';

/**
 * How a path stood at one instant, by the stats of all that lies there: files, folders and links, those among the
 * path's own parents included. Two equal stamps say that nothing was touched between, be it only there and back.
 */
export interface Stamp {
  readonly digest: Digest;
  /** Relative path ('' = the root; absolute for links above it) of each look, in the order of the walk. A link gives two. */
  readonly paths: readonly string[];
  /** What each look saw, `statWords` words. */
  readonly words: BigUint64Array;
  /** Newest ctime, ns. */
  readonly newest: bigint;
  /** Each device met → a path on it. */
  readonly devices: ReadonlyMap<bigint, string>;
  /** No part of the digest: what is made beside the path changes them too. */
  readonly above: readonly FolderAbove[];
}

/** Stamps a path as it is now. What is missing or cannot be looked at is part of the stamp, not an error. */
export function stampNow(root: string): Stamp {
  return look(root).stamp;
}

/** The stamp of a path and the list of its files, both by one walk. */
export function look(root: string): { readonly listed: Listed; readonly stamp: Stamp } {
  const looks = new Looks();
  for (let parent = dirname(root); parent !== dirname(parent); parent = dirname(parent)) {
    const stats = lstatSync(osPath(parent), { bigint: true, throwIfNoEntry: false });
    if (stats?.isSymbolicLink() === true) looks.note(parent, parent, stats);
  }
  const listed = list(root, looks);
  return { listed, stamp: looks.stamp(foldersAbove(root)) };
}

/** The first path that two stamps tell apart, for a message; '' for the root itself. */
export function firstTouched(before: Stamp, after: Stamp): string {
  const [old, now] = [looksByPath(before), looksByPath(after)];
  const touched = [...new Set([...now.keys(), ...old.keys()])].filter(
    (path) => old.get(path) !== now.get(path),
  );
  // A folder's own stats change with its entries: a path inside it says more.
  const inner = touched.find((path) => !touched.some((other) => isInside(other, path)));
  return sayName(inner ?? touched[0] ?? '');
}

/** What was seen at each path, as text. Only for a message: a large folder gives many texts. */
function looksByPath({ paths, words }: Stamp): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  for (const [look, path] of paths.entries()) {
    const own = words.subarray(look * statWords, (look + 1) * statWords).join(' ');
    seen.set(path, `${seen.get(path) ?? ''}${own};`);
  }
  return seen;
}

function isInside(path: string, folder: string): boolean {
  return path !== folder && (folder === '' ? !path.startsWith('/') : path.startsWith(`${folder}/`));
}

/** A list that grows: a folder of 100 000 files must not become 100 000 objects. */
class Looks implements Witness {
  readonly #paths: string[] = [];
  readonly #devices = new Map<bigint, string>();
  #lastDevice: bigint | undefined;
  #words = new BigUint64Array(64 * statWords);
  #newest = 0n;

  note(path: string, full: string, stats: BigIntStats): void {
    putWords(this.#words, this.#place(path), stats);
    if (stats.ctimeNs > this.#newest) this.#newest = stats.ctimeNs;
    if (stats.dev !== this.#lastDevice) {
      this.#lastDevice = stats.dev;
      if (!this.#devices.has(stats.dev)) this.#devices.set(stats.dev, full);
    }
  }

  /** No file has such an inode and such a size: these words say that it could not be looked at, and why. */
  fail(path: string, errno: string): void {
    const why = BigInt(`0x${sha256(errno).slice(0, 16)}`);
    const at = this.#place(path);
    this.#words.set([2n ** 64n - 1n, why, 0n, 2n ** 64n - 1n], at);
  }

  stamp(above: readonly FolderAbove[]): Stamp {
    const words = this.#words.slice(0, this.#paths.length * statWords);
    const names = encodeName(this.#paths.join('\0'));
    const digest = sha256(`${names.length} `, names, Buffer.from(words.buffer));
    return { digest, paths: this.#paths, words, newest: this.#newest, devices: this.#devices, above };
  }

  /** Where the words of one more look go. */
  #place(path: string): number {
    const at = this.#paths.length * statWords;
    this.#words = withPlace(this.#words, at) ?? this.#words;
    this.#paths.push(path);
    return at;
  }
}
