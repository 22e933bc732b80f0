import { lstatSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { byCodeUnit } from '../base/canonical.ts';
import { errnoOf, isMissing } from './errno.ts';
import { decodeName, osPath } from './names.ts';

/** Words a file in `Listing.stats`: size, mtime ns, ctime ns, inode. */
export const statWords = 4;

/** Every file at or below a path with the stats by which it is known again. Links are followed. */
export interface Listing {
  readonly kind: 'file' | 'folder';
  /** Relative POSIX paths by code unit; `['']` for a single file. */
  readonly paths: readonly string[];
  readonly stats: BigUint64Array;
  /** Each device met → a path on it. */
  readonly devices: ReadonlyMap<bigint, string>;
}

/** What keeps a path from being listed. `path` is relative, '' for the root itself. */
export interface Problem {
  readonly path: string;
  readonly problem:
    'loop' | 'fifo' | 'socket' | 'device' | 'dangling' | 'vanished' | 'unreadable' | 'too-long';
}

export type Listed =
  | { readonly type: 'listed'; readonly listing: Listing }
  | { readonly type: 'missing' }
  | { readonly type: 'unusable'; readonly problems: readonly Problem[] };

/** Lists a file or folder: one `readdir` a folder, one `stat` an entry, hidden files included. */
export function list(root: string): Listed {
  const walk = new Walk(root);
  const stats = walk.look('');
  if (stats === 'vanished' || stats === 'dangling') return { type: 'missing' };
  const isFile = typeof stats !== 'string' && stats.isFile();
  if (typeof stats === 'string') walk.problems.push({ path: '', problem: stats });
  else walk.entry('', stats, []);
  if (walk.problems.length > 0) return { type: 'unusable', problems: walk.problems };
  return { type: 'listed', listing: walk.listing(isFile ? 'file' : 'folder') };
}

/** The four words by which a file is known again. */
export function wordsOf(stats: BigIntStats): readonly [bigint, bigint, bigint, bigint] {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino];
}

class Walk {
  readonly problems: Problem[] = [];
  readonly #root: string;
  readonly #paths: string[] = [];
  readonly #devices = new Map<bigint, string>();
  #lastDevice: bigint | undefined;
  #stats = new BigUint64Array(64 * statWords);

  constructor(root: string) {
    this.#root = root;
  }

  listing(kind: Listing['kind']): Listing {
    const stats = this.#stats.slice(0, this.#paths.length * statWords);
    return { kind, paths: this.#paths, stats, devices: this.#devices };
  }

  look(path: string): BigIntStats | Problem['problem'] {
    const where = osPath(this.#full(path));
    try {
      const stats = statSync(where, { bigint: true, throwIfNoEntry: false });
      if (stats !== undefined) return stats;
      const link = lstatSync(where, { throwIfNoEntry: false });
      return link?.isSymbolicLink() === true ? 'dangling' : 'vanished';
    } catch (error) {
      return problemOf(error);
    }
  }

  entry(path: string, stats: BigIntStats, above: readonly BigIntStats[]): void {
    if (stats.isFile()) this.#file(path, stats);
    else if (stats.isDirectory()) this.#folder(path, stats, above);
    else this.problems.push({ path, problem: specialKind(stats) });
  }

  #file(path: string, stats: BigIntStats): void {
    const at = this.#paths.length * statWords;
    if (at === this.#stats.length) {
      const larger = new BigUint64Array(at * 2);
      larger.set(this.#stats);
      this.#stats = larger;
    }
    // Word by word: an array a file would be most of what a walk costs beside the system's calls.
    this.#stats[at] = stats.size;
    this.#stats[at + 1] = stats.mtimeNs;
    this.#stats[at + 2] = stats.ctimeNs;
    this.#stats[at + 3] = stats.ino;
    this.#paths.push(path);
    if (stats.dev !== this.#lastDevice) {
      this.#lastDevice = stats.dev;
      if (!this.#devices.has(stats.dev)) this.#devices.set(stats.dev, this.#full(path));
    }
  }

  #folder(path: string, stats: BigIntStats, above: readonly BigIntStats[]): void {
    if (above.some((folder) => folder.ino === stats.ino && folder.dev === stats.dev)) {
      this.problems.push({ path, problem: 'loop' });
      return;
    }
    const inside = [...above, stats];
    for (const { name, found } of this.#entries(path)) {
      const below = path === '' ? name : `${path}/${name}`;
      if (typeof found === 'string') this.problems.push({ path: below, problem: found });
      else this.entry(below, found, inside);
    }
  }

  /** Sorted so that the walk as a whole comes in the order of full paths: a folder `a` sorts as `a/`. */
  #entries(path: string): readonly { name: string; found: BigIntStats | Problem['problem'] }[] {
    try {
      return namesIn(this.#full(path))
        .map((name) => {
          const found = this.look(path === '' ? name : `${path}/${name}`);
          const isFolder = typeof found !== 'string' && found.isDirectory();
          return { name, found, order: isFolder ? `${name}/` : name };
        })
        .sort((a, b) => byCodeUnit(a.order, b.order));
    } catch (error) {
      this.problems.push({ path, problem: problemOf(error) });
      return [];
    }
  }

  #full(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }
}

/** Reading names as text is fast; only a folder with a name that is no UTF-8 is read again as bytes. */
export function namesIn(folder: string): readonly string[] {
  const names = readdirSync(osPath(folder));
  if (!names.some((name) => name.includes('\ufffd'))) return names;
  return readdirSync(osPath(folder), { encoding: 'buffer' }).map(decodeName);
}

function specialKind(stats: BigIntStats): Problem['problem'] {
  if (stats.isFIFO()) return 'fifo';
  return stats.isSocket() ? 'socket' : 'device';
}

function problemOf(error: unknown): Problem['problem'] {
  if (isMissing(error)) return 'vanished';
  const errno = errnoOf(error);
  if (errno === 'ELOOP') return 'loop';
  if (errno === 'ENAMETOOLONG') return 'too-long';
  if (errno === undefined) throw error;
  return 'unreadable';
}
