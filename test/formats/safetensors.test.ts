import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  asFloats,
  floats,
  readSafetensors,
  readSafetensorsHeader,
  writeSafetensors,
} from '../../formats/safetensors.ts';

const dir = mkdtempSync(join(tmpdir(), 'ers-safetensors-'));
afterAll(() => rmSync(dir, { recursive: true }));

const tensors = new Map([
  ['b', floats([2, 2], Float32Array.of(1, 2, 3, 4))],
  ['a', floats([1], Float32Array.of(5))],
  ['n', { dtype: 'I64' as const, shape: [], bytes: new Uint8Array(BigInt64Array.of(7n).buffer) }],
]);

test('what is written is the documented layout: length, JSON header, wide elements first, then by name', async () => {
  const path = join(dir, 'layout.safetensors');
  await writeSafetensors(path, { tensors, metadata: { format: 'pt' } });
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  expect(bytes.toString('utf8', 8, 8 + length).trimEnd()).toBe(
    '{"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[2,2],"data_offsets":[12,28]}}',
  );
  expect(bytes.length).toBe(8 + length + 28);
  expect(bytes.readFloatLE(8 + length + 8)).toBe(5);
});

test('a file is read back as it was written', async () => {
  const path = join(dir, 'round.safetensors');
  await writeSafetensors(path, { tensors, metadata: {} });
  const read = await readSafetensors(path);
  if (!read.ok) throw new Error('not read');
  const b = read.value.tensors.get('b');
  expect(b?.shape).toEqual([2, 2]);
  expect(b === undefined ? [] : [...asFloats(b)]).toEqual([1, 2, 3, 4]);
  expect(read.value.metadata).toEqual({});
});

test('the header alone tells names, types and shapes', async () => {
  const path = join(dir, 'header.safetensors');
  await writeSafetensors(path, { tensors, metadata: { format: 'pt' } });
  const header = await readSafetensorsHeader(path);
  if (!header.ok) throw new Error('not read');
  expect(header.value.metadata).toEqual({ format: 'pt' });
  expect([...header.value.kinds].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
    ['n', 'I64', []],
    ['a', 'F32', [1]],
    ['b', 'F32', [2, 2]],
  ]);
});

async function messageOf(name: string): Promise<string> {
  const read = await readSafetensors(join(dir, name), name);
  if (read.ok) throw new Error('was read');
  expect(read.faults[0]).toMatchObject({ code: 'ERS_WEIGHTS', place: { file: name } });
  // The header alone tells the same.
  expect(await readSafetensorsHeader(join(dir, name), name)).toEqual(read);
  return read.faults[0]?.message ?? '';
}

test('a file that is cut short, no safetensors, or of another type is refused with the reason', async () => {
  await writeSafetensors(join(dir, 'cut'), { tensors, metadata: {} });
  truncateSync(join(dir, 'cut'), readFileSync(join(dir, 'cut')).length - 1);
  expect(await messageOf('cut')).toContain('the bytes of b do not lie in the file');

  writeFileSync(join(dir, 'zip'), 'PK\u0003\u0004 this is a pickle of torch.save');
  expect(await messageOf('zip')).toContain('its header is longer than the file');

  mkdirSync(join(dir, 'folder'));
  expect(await messageOf('folder')).toBe(
    'The weights cannot be read: it is a folder; it must be a safetensors file.',
  );
  expect(await messageOf('absent')).toBe('The weights cannot be read: the file does not exist.');

  writeFileSync(join(dir, 'short'), 'abc');
  expect(await messageOf('short')).toContain('too short');

  const header = Buffer.from('{"w":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(dir, 'half'), Buffer.concat([length, header, Buffer.alloc(2)]));
  expect(await messageOf('half')).toContain('w has the type F16; expected F32');
});
