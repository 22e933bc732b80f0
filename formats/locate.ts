import { open, type FileHandle } from 'node:fs/promises';
import { FaultError } from '../base/fault.ts';
import { indexTar } from './tar-index.ts';

/** A longer header is none that somebody could want to read. */
const longestHeader = 100_000_000;

/**
 * What a byte of a file belongs to, in the words of its format: `tensor encoder.conv1.weight, element 12` of a
 * `.safetensors`, `element 12` of a `.npy`, `member 00001.mask.npy, byte 40` of a `.tar`. Undefined for other files, for
 * bytes of a header, and for a file that is not what its name says.
 * @param offset from 0.
 */
export async function locateByte(path: string, offset: number): Promise<string | undefined> {
  const locate = [...locators].find(([suffix]) => path.endsWith(suffix))?.[1];
  if (locate === undefined) return undefined;
  const file = await open(path);
  try {
    return await locate(file, offset);
  } catch (error) {
    if (error instanceof FaultError || error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

type Locate = (file: FileHandle, offset: number) => Promise<string | undefined>;

const locators: ReadonlyMap<string, Locate> = new Map([
  ['.safetensors', inSafetensors],
  ['.npy', inNpy],
  ['.tar', inTar],
]);

async function inSafetensors(file: FileHandle, offset: number): Promise<string | undefined> {
  const head = await read(file, 0, 8);
  const length = head.length < 8 ? longestHeader + 1 : Number(head.readBigUInt64LE());
  if (length > longestHeader) return undefined;
  const header: unknown = JSON.parse((await read(file, 8, length)).toString('utf8'));
  if (typeof header !== 'object' || header === null) return undefined;
  const at = offset - 8 - length;
  for (const [name, entry] of Object.entries(header as Readonly<Record<string, unknown>>)) {
    const { data_offsets: offsets, shape } = (entry ?? {}) as { data_offsets?: unknown; shape?: unknown };
    if (!isNumbers(offsets) || !isNumbers(shape)) continue;
    const [from = 0, to = 0] = offsets;
    if (at < from || at >= to) continue;
    const width = (to - from) / shape.reduce((product, size) => product * size, 1);
    return `tensor ${name}, element ${Math.floor((at - from) / width)}`;
  }
  return undefined;
}

async function inNpy(file: FileHandle, offset: number): Promise<string | undefined> {
  const head = await read(file, 0, 10);
  if (head.toString('latin1', 1, 6) !== 'NUMPY' || head[6] !== 1) return undefined;
  const length = head.readUInt16LE(8);
  const width = /'descr':\s*'[|<>=]?[a-z](\d+)'/.exec((await read(file, 10, length)).toString('latin1'))?.[1];
  const at = offset - 10 - length;
  return width === undefined || at < 0 ? undefined : `element ${Math.floor(at / Number(width))}`;
}

async function inTar(file: FileHandle, offset: number): Promise<string | undefined> {
  const members = await indexTar(file, '');
  const member = members.find((each) => offset >= each.offset && offset < each.offset + each.size);
  return member === undefined ? undefined : `member ${member.name}, byte ${offset - member.offset}`;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}
