import { fail, ok, type Result } from '../base/fault.ts';

/** An array in NumPy's C order. */
export interface NpyArray {
  readonly dtype: 'uint8' | 'float32';
  readonly shape: readonly number[];
  readonly data: Uint8Array | Float32Array;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const descrs = { uint8: '|u1', float32: '<f4' } as const;

/** The bytes of a `.npy` file, format 1.0 (numpy.lib.format): the header is padded so that the data start at a multiple of 64. */
export function writeNpy(shape: readonly number[], data: Uint8Array | Float32Array): Buffer<ArrayBuffer> {
  const items = shape.reduce((product, length) => product * length, 1);
  if (items !== data.length)
    throw new Error(`Internal error: ${data.length} items for shape ${shape.join('×')}`);
  const descr = data instanceof Float32Array ? descrs.float32 : descrs.uint8;
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const out = Buffer.alloc(length + data.byteLength);
  out.set(magic);
  out[6] = 1;
  out.writeUInt16LE(length - 10, 8);
  out.write(`${text.padEnd(length - 11)}\n`, 10, 'latin1');
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return out;
}

/**
 * Reads `.npy` bytes: format 1.x, uint8 or little-endian float32, C order. Uint8 data are a view of `bytes`, float32 data a copy.
 * @param shownAs what to call the bytes in a fault. Faults: ERS_SHARD.
 */
export function parseNpy(bytes: Uint8Array, shownAs: string): Result<NpyArray> {
  const header = parseNpyHeader(bytes, bytes.length, shownAs);
  if (!header.ok) return header;
  const { dtype, shape, start } = header.value;
  if (dtype === 'uint8') return ok({ dtype, shape, data: bytes.subarray(start) });
  return ok({ dtype, shape, data: new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer) });
}

/** What a `.npy` file holds, and at which byte its data start. */
export type NpyHeader = Omit<NpyArray, 'data'> & { readonly start: number };

/** Reads the beginning of a file of `length` bytes, at least its header, as `parseNpy` does the whole. */
export function parseNpyHeader(bytes: Uint8Array, length: number, shownAs: string): Result<NpyHeader> {
  const refuse = (why: string): Result<NpyHeader> =>
    fail({
      code: 'ERS_SHARD',
      message: `The array cannot be read: ${why}.`,
      place: { file: shownAs },
      hint: 'Make the shards again: `npx ers run shards --force`.',
    });
  if (bytes.length < 10 || magic.some((byte, at) => bytes[at] !== byte)) return refuse('it is no .npy file');
  if (bytes[6] !== 1) return refuse(`it has format version ${bytes[6] ?? '?'}; expected 1`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 10 + buffer.readUInt16LE(8);
  if (bytes.length < start) return refuse('it ends inside its header');
  const header = buffer.toString('latin1', 10, start);
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || shapeText === undefined) return refuse('its header has no type or no shape');
  if (!/'fortran_order':\s*False/.test(header)) return refuse('it is in Fortran order; expected C order');
  const shape = shapeText
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (shape.some((length) => !Number.isSafeInteger(length) || length < 0))
    return refuse(`its shape is (${shapeText})`);
  const items = shape.reduce((product, length) => product * length, 1);
  const isFloat = descr === descrs.float32;
  if (!isFloat && descr !== descrs.uint8) return refuse(`its type is ${descr}; expected |u1 or <f4`);
  const needed = start + items * (isFloat ? 4 : 1);
  if (length !== needed) return refuse(`it has ${length} bytes; its shape needs ${needed}`);
  return ok({ dtype: isFloat ? 'float32' : 'uint8', shape, start });
}
