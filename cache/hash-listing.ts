import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Digest } from '../base/digest.ts';
import { byCodeUnit } from '../base/canonical.ts';
import { blockPaths, digestAt, packStats, statBytes, type Block } from './block.ts';
import type { FileClock } from './clock.ts';
import { Digests } from './digests.ts';
import { hashFile, turnMs, type HashFailure } from './hash-file.ts';
import { statWords, type Listing } from './listing.ts';
import { heed, Interrupted, type HashProgress, type Watch } from './watch.ts';

/** How much older than the start of hashing a ctime must be, ns, so that a later edit would show in it. */
const margin = 20_000_000n;
/** The same where the file system stamps coarsely, which a ctime of whole milliseconds betrays. */
const coarseMargin = 2_000_000_000n;

/** The instant after which an edit of a file with this ctime would surely show in its ctime. */
export function safeAfter(ctime: bigint): bigint {
  return ctime + (ctime % 1_000_000n === 0n ? coarseMargin : margin);
}

/** How the hashing of all files of a listing came out. */
export type Hashed =
  | { readonly type: 'hashed'; readonly block: Block; readonly read: Read }
  /** Its `Watch` ended it. The block is that of a folder which holds those files alone that are known by now. */
  | { readonly type: 'interrupted'; readonly block: Block | undefined; readonly read: Read }
  /** A file changed or went while it was read, or could not be read. */
  | { readonly type: HashFailure; readonly path: string };

/** How much had to be read. */
interface Read {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Hashes the files of a listing, save those whose stats are as `before` vouches for.
 * Whether a stat may vouch for content next time is the racy rule of DESIGN invariant 3.
 */
export async function hashListing(
  root: string,
  listing: Listing,
  before: Block | undefined,
  clock: FileClock,
  watch: Watch = {},
): Promise<Hashed> {
  const known = knownFiles(listing, packStats(listing), before);
  const trust = trustFrom(clock, listing, before?.seenAt ?? 0n);
  const digests = new Digests(listing);
  const meter = new Meter(watch.progress, before === undefined ? listing : undefined);
  let interrupted = false;
  for (const [file, path] of listing.paths.entries()) {
    const words = listing.stats.subarray(file * statWords, (file + 1) * statWords);
    const earlier = known(file, path);
    if (earlier?.trusted === true) {
      digests.put(file, earlier.digest, true);
      continue;
    }
    // The files behind it are not read any more, but those among them that are known stay so.
    if (interrupted) continue;
    try {
      heed(watch);
      const found = await hashFile(path === '' ? root : `${root}/${path}`, words, meter.add, watch);
      if (typeof found !== 'string') return { type: found.failure, path };
      digests.put(file, found, trust(words[2] ?? 0n, earlier !== undefined));
      await meter.file();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      interrupted = true;
    }
  }
  meter.end();
  const { read } = meter;
  return interrupted
    ? { type: 'interrupted', block: digests.blockOfKnown(trust.start), read }
    : { type: 'hashed', block: digests.block(trust.start), read };
}

/** Finds a file of the listing in an older block, if it has the same stats there. Must be asked in the listing's order. */
function knownFiles(listing: Listing, stats: Buffer, before: Block | undefined) {
  const paths = before === undefined ? [] : blockPaths(before);
  let at = 0;
  return (file: number, path: string): { digest: Digest; trusted: boolean } | undefined => {
    while (at < paths.length && byCodeUnit(paths[at] ?? '', path) < 0) at += 1;
    if (before === undefined || paths[at] !== path) return undefined;
    const own = stats.subarray(file * statBytes, (file + 1) * statBytes);
    const old = before.stats.subarray(at * statBytes, (at + 1) * statBytes);
    return own.equals(old) ? { digest: digestAt(before, at), trusted: before.trusted[at] === 1 } : undefined;
  };
}

/**
 * The racy rule. Where a file's stamps come from another machine's clock, they cannot be compared with ours: there a
 * file is trusted once it was hashed again with stats that were the same at least 2 s before.
 */
function trustFrom(clock: FileClock, listing: Listing, seenBefore: bigint) {
  const start = clock.now() ?? 0n;
  const comparable = clock.stamps(listing.devices);
  const rule = (ctime: bigint, sameAsBefore: boolean): boolean => {
    if (!comparable) return sameAsBefore && seenBefore > 0n && seenBefore + coarseMargin < start;
    return safeAfter(ctime) < start;
  };
  return Object.assign(rule, { start });
}

/**
 * Waits until a file with the newest of these ctimes could not be edited without its ctime showing it. Stamps of
 * another machine's clock cannot be compared with ours: there the coarse margin is waited out from now on.
 */
export async function waitToSettle(
  clock: FileClock,
  { newest, devices }: { readonly newest: bigint; readonly devices: ReadonlyMap<bigint, string> },
  watch: Watch = {},
): Promise<void> {
  const start = clock.now();
  const comparable = start !== undefined && clock.stamps(devices);
  const target = comparable ? safeAfter(newest) : (start ?? 0n) + coarseMargin;
  // A ctime from the future (a clock that was set back) cannot be waited for: its file is read again after the stage.
  const limit = performance.now() + Number(coarseMargin / 1_000_000n) + 100;
  for (let now = start ?? 0n; now <= target && performance.now() < limit; now = clock.now() ?? target + 1n) {
    const left = Number((target - now) / 1_000_000n) + 1;
    await pause(Math.min(left, 100, Math.max(1, limit - performance.now())));
    heed(watch);
  }
}

/** Counts what is read, tells of it at most every 100 ms, and lets others have a turn meanwhile. */
class Meter {
  #files = 0;
  #bytes = 0;
  #told = performance.now();
  #turned = performance.now();
  /** What was told of it. */
  #before: Read = { files: 0, bytes: 0 };
  readonly #progress: HashProgress | undefined;
  readonly #total: number | undefined;

  /** `whole`: the listing, if all of it is to be read. */
  constructor(progress: HashProgress | undefined, whole: Listing | undefined) {
    this.#progress = progress;
    this.#total = progress === undefined || whole === undefined ? undefined : bytesOf(whole);
  }

  get read(): Read {
    return { files: this.#files, bytes: this.#bytes };
  }

  readonly add = (bytes: number): void => {
    this.#bytes += bytes;
    if (performance.now() - this.#told >= 100) this.#tell();
  };

  async file(): Promise<void> {
    this.#files += 1;
    if (performance.now() - this.#turned < turnMs) return;
    await turn();
    this.#turned = performance.now();
  }

  end(): void {
    if (this.#files > 0) this.#tell();
  }

  #tell(): void {
    this.#told = performance.now();
    const { files, bytes } = this.#before;
    this.#before = this.read;
    this.#progress?.({
      ...{ files: this.#files - files, bytes: this.#bytes - bytes },
      ...{ done: this.#bytes, total: this.#total },
    });
  }
}

function bytesOf({ paths, stats }: Listing): number {
  let sum = 0;
  for (let file = 0; file < paths.length; file += 1) sum += Number(stats[file * statWords]);
  return sum;
}
