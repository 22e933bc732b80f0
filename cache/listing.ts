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

/** What is at a path that is to be an input or an out. */
export type Listed =
  | { readonly type: 'listed'; readonly listing: Listing }
  | { readonly type: 'missing' }
  | { readonly type: 'unusable'; readonly problems: readonly Problem[] };

/** Who is told of every look that a walk takes, folders and links themselves included. */
export interface Witness {
  note(path: string, full: string, stats: BigIntStats): void;
  fail(path: string, errno: string): void;
}

/** Lists a file or folder: one `readdir` a folder, one `stat` an entry (two for a link, if there is a witness), hidden files included. */
export function list(root: string, witness?: Witness): Listed {
  const walk = new Walk(root, witness);
  const stats = walk.look('');
  if (stats === 'vanished' || stats === 'dangling') return { type: 'missing' };
  const isFile = typeof stats !== 'string' && stats.isFile();
  if (typeof stats === 'string') walk.problems.push({ path: '', problem: stats });
  else walk.entry('', stats, []);
  if (walk.problems.length > 0) return { type: 'unusable', problems: walk.problems };
  return { type: 'listed', listing: walk.listing(isFile ? 'file' : 'folder') };
}

/** The four words by which a file is known again, put into a list at `at`: an array a file would be most of what a walk costs. */
export function putWords(words: BigUint64Array, at: number, stats: BigIntStats): void {
  words[at] = stats.size;
  words[at + 1] = stats.mtimeNs;
  words[at + 2] = stats.ctimeNs;
  words[at + 3] = stats.ino;
}

/** The list itself, or a larger one with the same words if there is no place at `at`. */
export function withPlace(words: BigUint64Array, at: number): BigUint64Array<ArrayBuffer> | undefined {
  if (at < words.length) return undefined;
  const larger = new BigUint64Array(at * 2);
  larger.set(words);
  return larger;
}

/** A folder that comes later in the walk than its name. */
interface Held {
  readonly order: string;
  readonly path: string;
  readonly stats: BigIntStats;
}

const asked = { bigint: true, throwIfNoEntry: false } as const;

class Walk {
  readonly problems: Problem[] = [];
  readonly #root: string;
  readonly #witness: Witness | undefined;
  readonly #paths: string[] = [];
  readonly #devices = new Map<bigint, string>();
  #lastDevice: bigint | undefined;
  #stats = new BigUint64Array(64 * statWords);

  constructor(root: string, witness: Witness | undefined) {
    this.#root = root;
    this.#witness = witness;
  }

  listing(kind: Listing['kind']): Listing {
    const stats = this.#stats.slice(0, this.#paths.length * statWords);
    return { kind, paths: this.#paths, stats, devices: this.#devices };
  }

  look(path: string): BigIntStats | Problem['problem'] {
    const where = osPath(this.#full(path));
    try {
      const stats = this.#statOf(path, where);
      if (stats !== undefined) return stats;
      this.#witness?.fail(path, 'ENOENT');
      const link = lstatSync(where, { throwIfNoEntry: false });
      return link?.isSymbolicLink() === true ? 'dangling' : 'vanished';
    } catch (error) {
      return this.#problem(path, error);
    }
  }

  #statOf(path: string, where: string | Buffer): BigIntStats | undefined {
    if (this.#witness === undefined) return statSync(where, asked);
    const own = lstatSync(where, asked);
    if (own !== undefined) this.#witness.note(path, this.#full(path), own);
    if (own?.isSymbolicLink() !== true) return own;
    const stats = statSync(where, asked);
    if (stats !== undefined) this.#witness.note(path, this.#full(path), stats);
    return stats;
  }

  entry(path: string, stats: BigIntStats, above: readonly BigIntStats[]): void {
    if (stats.isFile()) this.#file(path, stats);
    else if (stats.isDirectory()) this.#folder(path, stats, above);
    else this.problems.push({ path, problem: specialKind(stats) });
  }

  #file(path: string, stats: BigIntStats): void {
    const at = this.#paths.length * statWords;
    this.#stats = withPlace(this.#stats, at) ?? this.#stats;
    putWords(this.#stats, at, stats);
    this.#paths.push(path);
    if (stats.dev !== this.#lastDevice) {
      this.#lastDevice = stats.dev;
      if (!this.#devices.has(stats.dev)) this.#devices.set(stats.dev, this.#full(path));
    }
  }

  /**
   * In the order of full paths, in which a folder `a` sorts as `a/`: it is held back while names as `a-b` come before
   * it. So no more than one file's stats are kept at a time.
   */
  #folder(path: string, stats: BigIntStats, above: readonly BigIntStats[]): void {
    if (above.some((folder) => folder.ino === stats.ino && folder.dev === stats.dev)) {
      this.problems.push({ path, problem: 'loop' });
      return;
    }
    const inside = [...above, stats];
    const held: Held[] = [];
    const enter = (until?: string): void => {
      held.sort((a, b) => byCodeUnit(a.order, b.order));
      for (let first = held[0]; first !== undefined; first = held[0]) {
        if (until !== undefined && byCodeUnit(first.order, until) > 0) return;
        held.shift();
        this.entry(first.path, first.stats, inside);
      }
    };
    for (const name of this.#namesIn(path)) {
      if (held.length > 0) enter(name);
      const below = path === '' ? name : `${path}/${name}`;
      const found = this.look(below);
      if (typeof found === 'string') this.problems.push({ path: below, problem: found });
      else if (found.isDirectory()) held.push({ order: `${name}/`, path: below, stats: found });
      else this.entry(below, found, inside);
    }
    enter();
  }

  #namesIn(path: string): readonly string[] {
    try {
      return namesIn(this.#full(path)).toSorted();
    } catch (error) {
      this.problems.push({ path, problem: this.#problem(path, error) });
      return [];
    }
  }

  #problem(path: string, error: unknown): Problem['problem'] {
    const problem = problemOf(error);
    this.#witness?.fail(path, errnoOf(error) ?? problem);
    return problem;
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
