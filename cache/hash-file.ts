import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type BigIntStats } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { Digest } from '../base/digest.ts';
import { errnoOf, isExhausted, isMissing } from './errno.ts';
import { osPath } from './names.ts';
import { heed, type Watch } from './watch.ts';

/** A file is never in memory whole: at most this much of it, 1 MiB. */
const chunk = Buffer.allocUnsafeSlow(1 << 20);

/** How long others may have to wait for their turn, ms. */
export const turnMs = 50;

/** Why a file could not be hashed. */
export type HashFailure = 'changed' | 'gone' | 'unreadable';

/**
 * The sha256 of a file whose stats were `expected` (size, mtime, ctime, inode) before. `changed` if they differ after
 * the last byte, or at its path afterwards; `gone` if it is no longer there.
 * Reading is synchronous, since that is fastest for small files; between chunks of a large one others get a turn, among
 * them whoever ends it: then it throws `Interrupted`.
 */
export async function hashFile(
  path: string,
  expected: BigUint64Array,
  onBytes: (bytes: number) => void,
  watch: Watch = {},
): Promise<Digest | { readonly failure: HashFailure }> {
  try {
    const where = osPath(path);
    const digest = await hashAt(where, expected, onBytes, watch);
    const after = statSync(where, { bigint: true, throwIfNoEntry: false });
    if (after === undefined) return { failure: 'gone' };
    return digest === undefined || !agree(expected, after) ? { failure: 'changed' } : digest;
  } catch (error) {
    if (isMissing(error)) return { failure: 'gone' };
    if (errnoOf(error) === undefined || isExhausted(error)) throw error;
    return { failure: 'unreadable' };
  }
}

async function hashAt(
  where: string | Buffer,
  expected: BigUint64Array,
  onBytes: (bytes: number) => void,
  watch: Watch,
): Promise<Digest | undefined> {
  // Without O_NONBLOCK, opening what has become a FIFO would hang.
  const file = openSync(where, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const size = Number(expected[0]);
    const digest =
      size < chunk.length ? hashSmall(file, size) : await hashLarge(file, expected, onBytes, watch);
    if (size < chunk.length) onBytes(size);
    return agree(expected, fstatSync(file, { bigint: true })) ? digest : undefined;
  } finally {
    closeSync(file);
  }
}

/** One `read` where it suffices: it asks for a byte more than there should be, and the caller looks at the stats after. */
function hashSmall(file: number, size: number): Digest | undefined {
  let filled = 0;
  do {
    const read = readSync(file, chunk, filled, size + 1 - filled, null);
    if (read === 0) break;
    filled += read;
  } while (filled < size);
  return filled === size ? (hash('sha256', chunk.subarray(0, filled), 'hex') as Digest) : undefined;
}

async function hashLarge(
  file: number,
  expected: BigUint64Array,
  onBytes: (bytes: number) => void,
  watch: Watch,
): Promise<Digest | undefined> {
  // No hour is spent on a file that has changed already.
  if (!agree(expected, fstatSync(file, { bigint: true }))) return undefined;
  const sum = createHash('sha256');
  // Its own buffer: another hashing may use the shared one while this one waits for its turn.
  const buffer = Buffer.allocUnsafe(chunk.length);
  for (let turned = performance.now(); ;) {
    const read = readSync(file, buffer, 0, buffer.length, null);
    if (read === 0) return sum.digest('hex') as Digest;
    sum.update(buffer.subarray(0, read));
    onBytes(read);
    // By time and not by bytes: a slow disk gives a few of them a second.
    if (performance.now() - turned < turnMs) continue;
    await turn();
    heed(watch);
    turned = performance.now();
  }
}

function agree(expected: BigUint64Array, stats: BigIntStats): boolean {
  const [size, mtime, ctime, inode] = expected;
  return (
    stats.isFile() &&
    stats.size === size &&
    stats.mtimeNs === mtime &&
    stats.ctimeNs === ctime &&
    stats.ino === inode
  );
}
