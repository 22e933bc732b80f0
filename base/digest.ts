import { createHash } from 'node:crypto';

/** A sha256 in lower-case hex, 64 characters. Content addresses, keys and fingerprints are all of this type. */
export type Digest = string & { readonly __brand: 'Digest' };

export function sha256(...parts: readonly (string | Uint8Array)[]): Digest {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex') as Digest;
}

export function isDigest(text: string): text is Digest {
  return /^[0-9a-f]{64}$/.test(text);
}

/** The first 12 characters: enough to tell artifacts apart on a screen. */
export function short(digest: Digest): string {
  return digest.slice(0, 12);
}
