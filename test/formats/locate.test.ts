import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateByte } from '../../formats/locate.ts';
import { writeNpy } from '../../formats/npy.ts';
import { floats, writeSafetensors } from '../../formats/safetensors.ts';
import { writeTar } from '../../formats/tar.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ers-locate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a byte of a .npy is an element of its array', async () => {
  const path = join(folder, 'a.npy');
  writeFileSync(path, writeNpy([3], new Float32Array([1, 2, 3])));
  const start = statSync(path).size - 12;
  expect(await locateByte(path, start)).toBe('element 0');
  expect(await locateByte(path, start + 11)).toBe('element 2');
  expect(await locateByte(path, start - 1)).toBeUndefined();
});

test('a byte of a .safetensors is an element of a tensor', async () => {
  const path = join(folder, 'model.safetensors');
  const tensors = new Map([
    ['a.weight', floats([2, 2], new Float32Array(4))],
    ['b.bias', floats([2], new Float32Array(2))],
  ]);
  await writeSafetensors(path, { tensors, metadata: {} });
  const { size } = statSync(path);
  expect(await locateByte(path, size - 1)).toBe('tensor b.bias, element 1');
  expect(await locateByte(path, size - 9)).toBe('tensor a.weight, element 3');
  expect(await locateByte(path, 9)).toBeUndefined();
});

test('a byte of a .tar is a byte of a member', async () => {
  const path = join(folder, 'shard.tar');
  const entry = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
  await writeTar(path, [entry('x.json', 'abc'), entry('y.json', 'defg')]);
  expect(await locateByte(path, 512 + 2)).toBe('member x.json, byte 2');
  expect(await locateByte(path, 3 * 512)).toBe('member y.json, byte 0');
  expect(await locateByte(path, 100)).toBeUndefined();
});

test('a file that is not what its name says, however short, is none of these', async () => {
  for (const suffix of ['.npy', '.safetensors', '.tar', '.txt']) {
    for (const text of [
      '',
      'x',
      'no such format at all',
      '\u0004\0\0\0\0\0\0\0null',
      '\u0002\0\0\0\0\0\0\0{}',
    ]) {
      const path = join(folder, `a${suffix}`);
      writeFileSync(path, text);
      expect(await locateByte(path, 1)).toBeUndefined();
    }
  }
});
