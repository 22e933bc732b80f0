import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Digest } from '../../base/digest.ts';
import { errnoOf, isExhausted, isMissing } from '../errno.ts';
import { osPath } from '../names.ts';

/** Why a file has no digest. */
export type Unread = 'gone' | 'unreadable';

/** A file is never in memory whole: at most this much of it. */
const chunkBytes = 1 << 20;

/**
 * Reads files whole, one after the other, and gives the sha256 of each or why there is none. `read` counts the bytes
 * read so far for whoever looks on; it may be shared with other threads.
 */
export function hashFiles(
  paths: readonly string[],
  read: BigInt64Array,
): readonly (Digest | { readonly unread: Unread })[] {
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  return paths.map((path) => {
    try {
      return hashFile(path, chunk, read);
    } catch (error) {
      if (isMissing(error)) return { unread: 'gone' };
      if (errnoOf(error) === undefined || isExhausted(error)) throw error;
      return { unread: 'unreadable' };
    }
  });
}

function hashFile(path: string, chunk: Buffer, read: BigInt64Array): Digest | { readonly unread: Unread } {
  // Without O_NONBLOCK, opening what has become a FIFO would hang.
  const file = openSync(osPath(path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) return { unread: 'unreadable' };
    const sum = createHash('sha256');
    for (;;) {
      const bytes = readSync(file, chunk, 0, chunk.length, null);
      if (bytes === 0) return sum.digest('hex') as Digest;
      sum.update(chunk.subarray(0, bytes));
      Atomics.add(read, 0, BigInt(bytes));
    }
  } finally {
    closeSync(file);
  }
}
