import type { Digest } from '../base/digest.ts';
import { digestAt, digestBytes, packNames, packStats, type Block } from './block.ts';
import { statWords, type Listing } from './listing.ts';
import { ManifestSum } from './manifest.ts';

/** What is known by now of the files of a listing, packed as a `Block` keeps it. */
export class Digests {
  readonly #listing: Listing;
  readonly #digests: Buffer;
  readonly #trusted: Buffer;
  /** One byte a file: 1 once its digest is there. */
  readonly #known: Buffer;

  constructor(listing: Listing) {
    const count = listing.paths.length;
    this.#listing = listing;
    this.#digests = Buffer.alloc(count * digestBytes);
    this.#trusted = Buffer.alloc(count);
    this.#known = Buffer.alloc(count);
  }

  /** `trusted`: the stats of the nth file, from 0, vouch for its content. */
  put(file: number, digest: Digest, trusted: boolean): void {
    this.#digests.write(digest, file * digestBytes, 'hex');
    this.#trusted[file] = trusted ? 1 : 0;
    this.#known[file] = 1;
  }

  /** The block of all files, once each has its digest. */
  block(seenAt: bigint): Block {
    const { kind, paths, stats } = this.#listing;
    const files = paths.length;
    const sum = new ManifestSum();
    let bytes = 0;
    for (const [file, path] of paths.entries()) {
      const size = Number(stats[file * statWords]);
      bytes += size;
      if (kind === 'folder') sum.add(path, size, digestAt({ digests: this.#digests }, file));
    }
    return {
      kind,
      digest: kind === 'folder' ? sum.digest() : digestAt({ digests: this.#digests }, 0),
      ...{ files, bytes, seenAt },
      names: packNames(paths),
      stats: packStats(this.#listing),
      digests: this.#digests,
      trusted: this.#trusted,
    };
  }

  /** The block of a folder that held those files alone that are known; of a single file there is no part. */
  blockOfKnown(seenAt: bigint): Block | undefined {
    const { kind, paths, stats, devices } = this.#listing;
    if (kind === 'file') return undefined;
    const files = [...paths.keys()].filter((file) => this.#known[file] === 1);
    const words = new BigUint64Array(files.length * statWords);
    for (const [at, file] of files.entries()) {
      words.set(stats.subarray(file * statWords, (file + 1) * statWords), at * statWords);
    }
    const part = new Digests({ kind, paths: files.map((file) => paths[file] ?? ''), stats: words, devices });
    for (const [at, file] of files.entries()) {
      part.put(at, digestAt({ digests: this.#digests }, file), this.#trusted[file] === 1);
    }
    return part.block(seenAt);
  }
}
