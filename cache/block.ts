import type { Digest } from '../base/digest.ts';
import { decodeName, encodeName } from './names.ts';
import { statWords, type Listing } from './listing.ts';
import type { Manifest, ManifestEntry } from './types.ts';

/** Bytes of one file's stats and of one digest in a block. */
export const statBytes = statWords * 8;
/** Bytes of a sha256. */
export const digestBytes = 32;

/**
 * What is known of one path or tree: the stats that each file had when it was hashed, packed, so that a
 * folder of 100 000 files is compared in two `memcmp`s and never becomes 100 000 objects.
 */
export interface Block {
  readonly kind: 'file' | 'folder';
  readonly digest: Digest;
  readonly files: number;
  readonly bytes: number;
  /** When the hashing began, ns by the file system's clock; 0 if it could not be told. */
  readonly seenAt: bigint;
  /** Paths joined by a zero byte. */
  readonly names: Buffer;
  readonly stats: Buffer;
  readonly digests: Buffer;
  /** One byte a file: 1 if its stats vouch for its content (racy rule), 0 if it must be read again. */
  readonly trusted: Buffer;
}

/** Whether every file is as it was when hashed and may be trusted. */
export function vouches(block: Block, listing: Listing): boolean {
  return (
    block.kind === listing.kind &&
    block.files === listing.paths.length &&
    packStats(listing).equals(block.stats) &&
    packNames(listing.paths).equals(block.names) &&
    !block.trusted.includes(0)
  );
}

/** The listing's stats as the bytes that a block compares; no copy. */
export function packStats(listing: Listing): Buffer {
  const { buffer, byteOffset, byteLength } = listing.stats;
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Relative paths in the order of the listing, as the bytes that a block compares. */
export function packNames(paths: readonly string[]): Buffer {
  return encodeName(paths.join('\0'));
}

/** The block's paths, in the order of its stats and digests. */
export function blockPaths(block: Block): readonly string[] {
  return block.files === 0 ? [] : decodeName(block.names).split('\0');
}

/** Digest of the nth file, from 0. */
export function digestAt(block: Pick<Block, 'digests'>, file: number): Digest {
  return block.digests.toString('hex', file * digestBytes, (file + 1) * digestBytes) as Digest;
}

/** The files behind a block, with their sizes at the time of hashing. */
export function blockManifest(block: Block): Manifest {
  return [...blockEntries(block)];
}

/** The same one after the other: a million files need not be in memory at once. */
export function* blockEntries(block: Block): Generator<ManifestEntry> {
  for (const [file, path] of blockPaths(block).entries()) {
    const bytes = Number(block.stats.readBigUInt64LE(file * statBytes));
    yield { path, bytes, digest: digestAt(block, file) };
  }
}
