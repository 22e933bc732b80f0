import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { FaultError } from '../../base/fault.ts';
import { attributeType, dataType } from '../../runtime/binding.ts';
import { tensorFlowEnv } from '../../runtime/env.ts';
import { loadTensorFlow, type TensorFlow } from '../../runtime/load.ts';
import { probeRuntime } from '../../runtime/probe.ts';
import { installLimit, installedRuntime } from './installed.ts';

const signal = new AbortController().signal;
const float = { name: 'T', type: attributeType.type, value: dataType.float32 } as const;
let dir: string;
let tf: TensorFlow;

beforeAll(async () => {
  dir = await installedRuntime();
  const empty = mkdtempSync(join(tmpdir(), 'ers-load-'));
  expect(() => loadTensorFlow(empty)).toThrow(FaultError);
  rmSync(empty, { recursive: true });
  Object.assign(process.env, tensorFlowEnv(1));
  tf = loadTensorFlow(dir);
}, installLimit);

test('TensorFlow 2.21 loads without any JavaScript of tfjs, and a second load gives the same', () => {
  expect(tf.version).toBe('2.21.0');
  expect(loadTensorFlow(dir)).toBe(tf);
  expect(() => loadTensorFlow('/elsewhere')).toThrow('has loaded TensorFlow from');
});

test('An op gives the right numbers, shape and dtype', () => {
  const a = tf.feed([2, 2], { dtype: 'float32', values: new Float32Array([1, 2, 3, 4.5]) });
  const [sum] = tf.execute('AddV2', [float], [a, a], 1);
  if (sum === undefined) throw new Error('no output');
  expect(sum).toMatchObject({ shape: [2, 2], dtype: dataType.float32 });
  expect(tf.read(sum.id)).toEqual(new Float32Array([2, 4, 6, 9]));
  tf.free(a, sum.id);
});

test('A fed array may be overwritten at once: the tensor has its own copy', () => {
  const values = new Float32Array([1, 2, 3]);
  const tensor = tf.feed([3], { dtype: 'float32', values });
  values.fill(9);
  expect(tf.read(tensor)).toEqual(new Float32Array([1, 2, 3]));
  tf.free(tensor);
});

test('Every kind of values can be fed, and freeing leaves no tensor behind', () => {
  const before = tf.tensors();
  const int32 = tf.feed([], { dtype: 'int32', values: new Int32Array([-7]) });
  const bool = tf.feed([2], { dtype: 'bool', values: new Uint8Array([1, 0]) });
  const string = tf.feed([2], { dtype: 'string', values: ['ä', ''] });
  const uint8 = tf.feed([2], { dtype: 'uint8', values: new Uint8Array([0, 255]) });
  const attributes = [
    { name: 'SrcT', type: attributeType.type, value: dataType.uint8 },
    { name: 'DstT', type: attributeType.type, value: dataType.int32 },
  ] as const;
  const [cast] = tf.execute('Cast', attributes, [uint8], 1);
  if (cast === undefined) throw new Error('no output');
  expect(tf.read(int32)).toEqual(new Int32Array([-7]));
  expect(tf.read(bool)).toEqual(new Uint8Array([1, 0]));
  expect(tf.read(string)).toEqual([new TextEncoder().encode('ä'), new Uint8Array(0)]);
  expect(tf.read(cast.id)).toEqual(new Int32Array([0, 255]));
  tf.free(int32, bool, string, uint8, cast.id);
  expect(tf.tensors()).toBe(before);
});

test('Values that do not fill the shape are refused and leave no tensor behind', () => {
  const before = tf.tensors();
  expect(() => tf.feed([4], { dtype: 'float32', values: new Float32Array(3) })).toThrow(
    'Shape does not match',
  );
  expect(tf.tensors()).toBe(before);
});

test('A process of its own can load it too, and says what is wrong with a folder that has none', async () => {
  expect(await probeRuntime(dir, signal)).toEqual({
    ok: true,
    value: { version: '2.21.0', usesGpu: tf.usesGpu },
  });
  const probed = await probeRuntime(join(dir, 'none'), signal);
  expect(probed.ok).toBe(false);
  if (probed.ok) return;
  expect(probed.faults[0]?.code).toBe('ERS_RUNTIME_DAMAGED');
  expect(probed.faults[0]?.message).toMatch(
    /does not work on this machine: .*cannot open shared object file|no such file/,
  );
});
