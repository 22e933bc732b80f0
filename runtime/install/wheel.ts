import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** A member of a wheel, which is a zip archive (PKWARE APPNOTE 6.3, without zip64: no wheel here reaches 4 GiB). */
export interface Member {
  readonly path: string;
  /** Unpacked size. */
  readonly bytes: number;
  readonly packedBytes: number;
  readonly packing: 'stored' | 'deflated';
  readonly executable: boolean;
  readonly headerOffset: number;
}

/** Where a member goes in the runtime's folder; `undefined` for the parts that only Python needs. */
export function keptAs(path: string): string | undefined {
  if (path.split('/').includes('..') || path.startsWith('/') || path.endsWith('/')) return undefined;
  return keptPaths.some((pattern) => pattern.test(path)) ? path : undefined;
}

const keptPaths = [
  /^tensorflow\/lib[^/]+$/,
  /^tensorflow\/THIRD_PARTY_NOTICES\.txt$/,
  // The headers that the addon includes, so that it can be compiled again without fetching.
  /^tensorflow\/include\/(LICENSE|tensorflow\/c\/.+\.h|xla\/tsl\/c\/.+\.h)$/,
  /^tensorflow\/include\/(tensorflow\/core|tsl)\/platform\/ctstring[a-z_]*\.h$/,
  /^nvidia\/[^/]+\/lib\/[^/]+$/,
  /^nvidia\/cuda_nvcc\/(bin|nvvm)\/.+$/,
  /^[^/]+\.dist-info\/(METADATA|licenses\/.+|[Ll]icense[^/]*)$/,
];

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const headerSignature = 0x04034b50;

/** Reads the archive's table of contents. Throws where it is no zip archive. */
export function members(file: string): readonly Member[] {
  const { size } = statSync(file);
  const tail = readAt(file, Math.max(0, size - 65_557), Math.min(size, 65_557));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error(`${file} is not a zip archive`);
  const directory = readAt(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const found: Member[] = [];
  for (let at = 0; at + 46 <= directory.length;) {
    if (directory.readUInt32LE(at) !== directorySignature) throw new Error(`${file} has a damaged directory`);
    const nameBytes = directory.readUInt16LE(at + 28);
    const method = directory.readUInt16LE(at + 10);
    if (method !== 0 && method !== 8) throw new Error(`${file} uses the unknown compression ${method}`);
    found.push({
      path: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      packing: method === 0 ? 'stored' : 'deflated',
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      // The upper half of the external attributes is the Unix mode.
      executable: (directory.readUInt16LE(at + 40) & 0o111) !== 0,
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return found;
}

/** Unpacks what is kept of a wheel (`keptAs`) below `to`, synced to the disk. `progress` gets the bytes written so far. */
export async function unpack(
  file: string,
  to: string,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let written = 0;
  for (const member of members(file)) {
    const path = keptAs(member.path);
    if (path === undefined) continue;
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    if (member.bytes === 0) {
      writeFileSync(target, '');
      continue;
    }
    const start = dataOffset(file, member);
    let bytes = 0;
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        bytes += chunk.length;
        progress(written + bytes);
        done(null, chunk);
      },
    });
    await pipeline(
      createReadStream(file, { start, end: start + member.packedBytes - 1 }),
      member.packing === 'deflated' ? createInflateRaw({ chunkSize: 1 << 20 }) : new PassThrough(),
      count,
      createWriteStream(target, { mode: member.executable ? 0o755 : 0o644, flush: true }),
      { signal },
    );
    if (bytes !== member.bytes)
      throw new Error(`${file}: ${member.path} is ${bytes} bytes, not ${member.bytes}`);
    written += bytes;
  }
}

/** The local header repeats the name and has extra fields of its own length. */
function dataOffset(file: string, member: Member): number {
  const header = readAt(file, member.headerOffset, 30);
  if (header.readUInt32LE(0) !== headerSignature) throw new Error(`${file}: ${member.path} has no header`);
  return member.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

function readAt(file: string, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    const got = readSync(descriptor, buffer, 0, length, offset);
    if (got !== length) throw new Error(`${file} ends too early`);
    return buffer;
  } finally {
    closeSync(descriptor);
  }
}
