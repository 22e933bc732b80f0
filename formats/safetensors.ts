import { open, readFile, type FileHandle } from 'node:fs/promises';
import { byCodeUnit } from '../base/canonical.ts';
import { fail, ok, type Result } from '../base/fault.ts';
import { isJsonObject, parseJson } from '../base/parse-json.ts';

/** Element types that the project writes; others are refused by name when a file is read. */
const itemBytes = { I64: 8, F32: 4, U8: 1 } as const;

/** An array as the header states it. */
export interface TensorKind {
  readonly dtype: keyof typeof itemBytes;
  readonly shape: readonly number[];
}

/** One array in C order, little-endian. */
export interface SafeTensor extends TensorKind {
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longest header that the reference implementation accepts. */
const longestHeader = 100_000_000;

/**
 * Writes a safetensors file (huggingface/safetensors, "Format"): the header's length, a JSON header, then the arrays,
 * widest elements first and by name. The bytes depend on the arguments alone. The file is on the disk when this returns.
 */
export async function writeSafetensors(path: string, { tensors, metadata }: SafetensorsFile): Promise<void> {
  const ordered = [...tensors].sort(
    ([a, left], [b, right]) => itemBytes[right.dtype] - itemBytes[left.dtype] || byCodeUnit(a, b),
  );
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of ordered) {
    if (sizeOf(shape) * itemBytes[dtype] !== bytes.length) {
      throw new Error(`Internal error: ${name} has ${bytes.length} bytes for ${shape.join('×')} ${dtype}`);
    }
    header[name] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ');
  text.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const file = await open(path, 'w');
  try {
    await file.writeFile(Buffer.concat([length, padded]));
    for (const [, { bytes }] of ordered) await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Reads a whole safetensors file of F32, I64 and U8 arrays; the arrays are views of one buffer.
 * @param shownAs the path to name in faults (ERS_WEIGHTS).
 */
export function readSafetensors(path: string, shownAs: string = path): Promise<Result<SafetensorsFile>> {
  return reading(shownAs, async () => {
    const bytes = await readFile(path);
    const { entries, metadata, start } = parseHeader(bytes, bytes.length);
    const tensors = new Map(
      [...entries].map(([name, { dtype, shape, from, to }]) => [
        name,
        { dtype, shape, bytes: bytes.subarray(start + from, start + to) },
      ]),
    );
    return { tensors, metadata };
  });
}

/** What stands in a safetensors file but the numbers. */
export interface SafetensorsHeader {
  readonly kinds: ReadonlyMap<string, TensorKind>;
  readonly metadata: SafetensorsFile['metadata'];
}

/** Reads none of the numbers. Faults as `readSafetensors`. */
export function readSafetensorsHeader(
  path: string,
  shownAs: string = path,
): Promise<Result<SafetensorsHeader>> {
  return reading(shownAs, async () => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const first = await readPart(file, Math.min(size, 8));
      const length = first.length < 8 ? 0 : Number(first.readBigUInt64LE(0));
      const bytes = await readPart(file, Math.min(size, 8 + Math.min(length, longestHeader)));
      const { entries, metadata } = parseHeader(bytes, size);
      return { kinds: entries, metadata };
    } finally {
      await file.close();
    }
  });
}

async function readPart(file: FileHandle, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
  return buffer.subarray(0, bytesRead);
}

/** Why a file is no safetensors file. */
class Unreadable extends Error {}

async function reading<T>(shownAs: string, work: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work());
  } catch (error) {
    const why = error instanceof Unreadable ? error.message : sayUnreadable(error);
    if (why === undefined) throw error;
    return fail({
      code: 'ERS_WEIGHTS',
      message: `The weights cannot be read: ${why}.`,
      place: { file: shownAs },
      hint: 'Expected a safetensors file with fp32 weights; it may be cut short or be of another kind.',
    });
  }
}

interface Entry extends TensorKind {
  /** Offsets of its bytes behind the header. */
  readonly from: number;
  readonly to: number;
}

/** The header at the beginning of a file of `size` bytes. Throws `Unreadable`. */
function parseHeader(
  bytes: Buffer,
  size: number,
): {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly start: number;
} {
  if (bytes.length < 8) throw new Unreadable('the file is too short for a safetensors header');
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const start = 8 + headerLength;
  if (headerLength > longestHeader || start > size)
    throw new Unreadable('its header is longer than the file');
  const header = parseJson(bytes.toString('utf8', 8, start));
  if (!isJsonObject(header)) throw new Unreadable('its header is no JSON object');
  const entries = new Map<string, Entry>();
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(isJsonObject(entry) ? entry : {}))
        metadata[key] = typeof value === 'string' ? value : JSON.stringify(value);
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = isJsonObject(entry) ? entry : {};
    if (!isLengths(shape) || !isLengths(offsets) || typeof dtype !== 'string') {
      throw new Unreadable(`the entry of ${name} is malformed`);
    }
    if (!isKnown(dtype)) throw new Unreadable(`${name} has the type ${dtype}; expected F32`);
    const [from = 0, to = 0] = offsets;
    if (from > to || start + to > size || to - from !== sizeOf(shape) * itemBytes[dtype]) {
      throw new Unreadable(`the bytes of ${name} do not lie in the file; it may be cut short`);
    }
    entries.set(name, { dtype, shape, from, to });
  }
  return { entries, metadata, start };
}

/** An F32 array over a copy of the tensor's bytes. */
export function asFloats({ bytes }: SafeTensor): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** An F32 array over the tensor's own bytes; over a copy where these do not lie on a border of four. */
export function viewFloats(tensor: SafeTensor): Float32Array {
  const { buffer, byteOffset, length } = tensor.bytes;
  return byteOffset % 4 === 0 ? new Float32Array(buffer, byteOffset, length / 4) : asFloats(tensor);
}

/** An F32 tensor that shares the numbers' memory. */
export function floats(shape: readonly number[], values: Float32Array): SafeTensor {
  return {
    dtype: 'F32',
    shape,
    bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/** Why a path is no file that can be read whole; undefined for what is a bug. */
function sayUnreadable(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? unreadable[code] : undefined;
}

const unreadable: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder; it must be a safetensors file',
  ENOENT: 'the file does not exist',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'permission denied',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

function isLengths(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

function isKnown(dtype: string): dtype is keyof typeof itemBytes {
  return Object.hasOwn(itemBytes, dtype);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
