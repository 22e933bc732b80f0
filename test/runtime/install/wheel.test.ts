import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptAs, members, unpack } from '../../../runtime/install/wheel.ts';
import { filesBelow } from '../files-below.ts';
import { writeWheel } from '../fake-wheel.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ers-wheel-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const signal = new AbortController().signal;

test('Unpacking keeps libraries, the addon’s headers and licences, and nothing that only Python needs', async () => {
  const wheel = join(dir, 'a.whl');
  const library = 'library '.repeat(5000);
  writeWheel(wheel, [
    { path: 'tensorflow/__init__.py', from: 'python' },
    { path: 'tensorflow/libtensorflow_cc.so.2', from: library, deflate: true },
    { path: 'tensorflow/libtensorflow_framework.so.2', from: 'stored' },
    { path: 'tensorflow/python/lib_pywrap.so', from: 'python' },
    { path: 'tensorflow/include/tensorflow/c/c_api.h', from: 'header', deflate: true },
    { path: 'tensorflow/include/Eigen/Core.h', from: 'header' },
    { path: 'tensorflow/THIRD_PARTY_NOTICES.txt', from: '' },
    { path: 'nvidia/cuda_nvcc/bin/ptxas', from: '#!', executable: true },
    { path: 'nvidia/cublas/include/cublas.h', from: 'header' },
    { path: 'nvidia_x.dist-info/licenses/License.txt', from: 'licence' },
    { path: 'nvidia_x.dist-info/RECORD', from: 'python' },
  ]);
  const seen: number[] = [];
  await unpack(wheel, join(dir, 'to'), (bytes) => seen.push(bytes), signal);
  expect(filesBelow(join(dir, 'to'))).toEqual([
    'nvidia/cuda_nvcc/bin/ptxas',
    'nvidia_x.dist-info/licenses/License.txt',
    'tensorflow/THIRD_PARTY_NOTICES.txt',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
  ]);
  expect(readFileSync(join(dir, 'to/tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe(library);
  expect(statSync(join(dir, 'to/nvidia/cuda_nvcc/bin/ptxas')).mode & 0o111).not.toBe(0);
  expect(statSync(join(dir, 'to/tensorflow/libtensorflow_cc.so.2')).mode & 0o111).toBe(0);
  expect(seen.at(-1)).toBe(40_000 + 'stored'.length + 'header'.length + '#!'.length + 'licence'.length);
});

test('A path that leaves the folder is never kept', () => {
  expect(keptAs('tensorflow/../libevil.so')).toBeUndefined();
  expect(keptAs('nvidia/x/lib/..')).toBeUndefined();
  expect(keptAs('/tensorflow/libtensorflow_cc.so.2')).toBeUndefined();
});

test('What is no zip archive, or is cut off, is refused', async () => {
  const wheel = join(dir, 'a.whl');
  writeWheel(wheel, [{ path: 'tensorflow/libx.so', from: 'x'.repeat(1000) }]);
  truncateSync(wheel, 500);
  expect(() => members(wheel)).toThrow('is not a zip archive');
  await expect(unpack(wheel, join(dir, 'to'), () => undefined, signal)).rejects.toThrow(
    'is not a zip archive',
  );
});
