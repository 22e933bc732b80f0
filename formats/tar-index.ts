import type { FileHandle } from 'node:fs/promises';
import { FaultError } from '../base/fault.ts';

/** Where the bytes of one file of an archive lie. */
export interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const block = 512;

/**
 * The members of a ustar archive, from its headers alone: training reads samples in any order, so it must not read
 * whole shards. Throws `FaultError` ERS_SHARD on a damaged or truncated archive.
 */
export async function indexTar(file: FileHandle, shownAs: string): Promise<Member[]> {
  const refuse = (why: string) =>
    new FaultError({
      code: 'ERS_SHARD',
      message: `The shard cannot be read: ${why}.`,
      place: { file: shownAs },
      hint: 'It is truncated or damaged: make the shards again with `npx ers run shards --force`.',
    });
  const { size: end } = await file.stat();
  const members: Member[] = [];
  const header = Buffer.alloc(block);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(header, 0, block, at);
    if (bytesRead < block) throw refuse(`it ends at byte ${at + bytesRead} without its end mark`);
    if (header.every((byte) => byte === 0)) return members;
    const name = text(header, 0, 100);
    if (!hasRightSum(header)) throw refuse(`the header at byte ${at} is damaged`);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type !== '0' && type !== '\0') throw refuse(`${name} is no plain file`);
    const size = parseInt(text(header, 124, 12), 8);
    const offset = at + block;
    if (!Number.isSafeInteger(size) || offset + size > end) throw refuse(`${name} is cut short`);
    const folder = text(header, 345, 155);
    members.push({ name: folder === '' ? name : `${folder}/${name}`, offset, size });
    at = offset + Math.ceil(size / block) * block;
  }
}

function text(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** The stated sum is that of all bytes, those of the sum itself counted as spaces. */
function hasRightSum(header: Buffer): boolean {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  return sum === parseInt(text(header, 148, 8), 8);
}
