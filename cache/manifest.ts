import { createHash } from 'node:crypto';
import { isDigest, type Digest } from '../base/digest.ts';
import { byCodeUnit } from '../base/canonical.ts';
import type { Manifest, ManifestEntry } from './types.ts';

const header = 'ers-manifest 1\n';

/**
 * The one text form of a manifest: a header, then one line a file, `DIGEST BYTES "PATH"`, the path as a JSON string.
 * Entries must be sorted by code unit of their path.
 */
export function manifestText(manifest: Iterable<ManifestEntry>): string {
  let text = header;
  for (const entry of manifest) text += manifestLine(entry.path, entry.bytes, entry.digest);
  return text;
}

/** The digest of a manifest whose entries come one after the other, without its text. */
export class ManifestSum {
  readonly #sum = createHash('sha256').update(header);
  #lines = '';

  add(path: string, bytes: number, digest: Digest): void {
    this.#lines += manifestLine(path, bytes, digest);
    if (this.#lines.length >= 1 << 16) this.#flush();
  }

  /** Call once. */
  digest(): Digest {
    this.#flush();
    return this.#sum.digest('hex') as Digest;
  }

  #flush(): void {
    this.#sum.update(this.#lines);
    this.#lines = '';
  }
}

/** The digest of a folder: the sha256 of its sorted list of paths, sizes and digests. */
export function manifestDigest(manifest: Manifest): Digest {
  const sum = new ManifestSum();
  for (const { path, bytes, digest } of manifest) sum.add(path, bytes, digest);
  return sum.digest();
}

/** Reads what `manifestText` wrote. Undefined for anything else, however small the difference. */
export function parseManifest(text: string): Manifest | undefined {
  if (!text.startsWith(header) || !text.endsWith('\n')) return undefined;
  const entries: ManifestEntry[] = [];
  for (const line of text.slice(header.length).split('\n').slice(0, -1)) {
    const entry = parseLine(line);
    const before = entries.at(-1);
    if (entry === undefined) return undefined;
    if (before !== undefined && byCodeUnit(before.path, entry.path) >= 0) return undefined;
    entries.push(entry);
  }
  return entries;
}

/**
 * The entries of two manifests' texts less those that both begin and end with: of two long lists that differ in one
 * file not much more than that file is parsed. Undefined if one is no manifest.
 */
export function parseDifference(
  before: string,
  after: string,
): { readonly before: Manifest; readonly after: Manifest } | undefined {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) head += 1;
  // Whole lines only, and at least the header.
  head = before.lastIndexOf('\n', head - 1) + 1;
  if (head < header.length) return undefined;
  let tail = 0;
  while (
    tail < shorter - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1;
  }
  const line = before.indexOf('\n', before.length - tail);
  const end = line < 0 ? 0 : before.length - (line + 1);
  const [old, now] = [before, after].map((text) =>
    parseManifest(header + text.slice(head, text.length - end)),
  );
  return old === undefined || now === undefined ? undefined : { before: old, after: now };
}

function manifestLine(path: string, bytes: number, digest: Digest): string {
  return `${digest} ${bytes} ${JSON.stringify(path)}\n`;
}

function parseLine(line: string): ManifestEntry | undefined {
  // With `s`: JSON leaves U+2028 and U+2029 in a path as they are, and they end a line for `.`.
  const [, digest, bytes, quoted] = /^([0-9a-f]{64}) (0|[1-9][0-9]{0,15}) (".*")$/s.exec(line) ?? [];
  if (digest === undefined || !isDigest(digest) || quoted === undefined) return undefined;
  const path = unquote(quoted);
  if (path === undefined) return undefined;
  const entry = { path, bytes: Number(bytes), digest };
  return manifestLine(entry.path, entry.bytes, entry.digest) === `${line}\n` ? entry : undefined;
}

function unquote(quoted: string): string | undefined {
  try {
    const path: unknown = JSON.parse(quoted);
    return typeof path === 'string' ? path : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
