import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

/** A member of a wheel for tests: its bytes, or the file that has them. */
export interface FakeMember {
  readonly path: string;
  readonly from: string | { readonly file: string };
  readonly deflate?: boolean;
  readonly executable?: boolean;
}

/** Writes a zip archive as pip's build tools do (no zip64, no data descriptors). */
export function writeWheel(file: string, contents: readonly FakeMember[]): void {
  writeFileSync(file, '');
  let offset = 0;
  const directory: Buffer[] = [];
  for (const member of contents) {
    const bytes = typeof member.from === 'string' ? Buffer.from(member.from) : readFileSync(member.from.file);
    const packed = member.deflate === true ? deflateRawSync(bytes) : bytes;
    const name = Buffer.from(member.path);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(member.deflate === true ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const header = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, name]);
    appendFileSync(file, header);
    appendFileSync(file, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((0o100644 | (member.executable === true ? 0o111 : 0)) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), fields, tail, name);
    offset += header.length + packed.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(contents.length, 8);
  end.writeUInt16LE(contents.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  appendFileSync(file, listing);
  appendFileSync(file, end);
}
