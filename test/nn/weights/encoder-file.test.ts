import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { prepareRandom } from '../../../base/random.ts';
import { asFloats, floats, writeSafetensors, type SafeTensor } from '../../../formats/safetensors.ts';
import { Graph } from '../../../nn/graph/graph.ts';
import { initialState } from '../../../nn/initial-state.ts';
import { unet } from '../../../nn/unet.ts';
import { inspectEncoder, readEncoder } from '../../../nn/weights/encoder-file.ts';
import { fromTorch } from '../../../nn/weights/layout.ts';
import { patchFirstConv } from '../../../nn/weights/patch-first-conv.ts';
import { toStateDict } from '../../../nn/weights/smp.ts';

const dir = mkdtempSync(join(tmpdir(), 'ers-encoder-'));
const { parameters } = unet(new Graph(), {
  encoder: 'resnet18',
  inChannels: 3,
  classes: 2,
  decoderChannels: [8, 8, 8, 8, 8],
});
let dict: ReadonlyMap<string, SafeTensor>;
let state: ReadonlyMap<string, Float32Array>;
beforeAll(async () => {
  await prepareRandom();
  state = initialState(parameters, 17);
  dict = toStateDict(parameters, state, 5);
});
afterAll(() => rmSync(dir, { recursive: true }));

async function read(name: string, tensors: ReadonlyMap<string, SafeTensor>) {
  const path = join(dir, name);
  await writeSafetensors(path, { tensors, metadata: {} });
  return readEncoder(path, parameters, name);
}

function digest(values: Float32Array | undefined): string {
  return values === undefined ? 'missing' : sha256(new Uint8Array(values.buffer));
}

/** Torchvision's names, with a classifier. */
function torchvision(): Map<string, SafeTensor> {
  const named = [...dict].flatMap(([name, tensor]) =>
    name.startsWith('encoder.') ? [[name.slice('encoder.'.length), tensor] as const] : [],
  );
  return new Map([...named, ['fc.weight', floats([2, 512], new Float32Array(1024))] as const]);
}

test('a file with smp’s names and one with torchvision’s names and classifier give the same encoder', async () => {
  const smp = await read('smp.safetensors', dict);
  const plain = await read('plain.safetensors', torchvision());
  if (!smp.ok || !plain.ok) throw new Error('not read');
  const encoder = parameters.filter(({ name }) => name.startsWith('encoder.'));
  expect([...smp.value.keys()]).toEqual(encoder.map(({ name }) => name));
  for (const { name } of encoder) {
    expect(digest(smp.value.get(name)), name).toBe(digest(state.get(name)));
    expect(digest(plain.value.get(name)), name).toBe(digest(state.get(name)));
  }
});

test('filters travel as O×I×K×K', () => {
  const stem = dict.get('encoder.conv1.weight');
  const ours = state.get('encoder.conv1.weight') ?? new Float32Array();
  expect(stem?.shape).toEqual([64, 3, 7, 7]);
  const theirs = new DataView(stem?.bytes.buffer ?? new ArrayBuffer(0), stem?.bytes.byteOffset);
  // Output 5, input 2, row 3, column 4.
  expect(theirs.getFloat32(4 * (((5 * 3 + 2) * 7 + 3) * 7 + 4), true)).toBe(
    ours[((3 * 7 + 4) * 3 + 2) * 64 + 5],
  );
});

test.each([1, 2, 4, 9])('filters for three colours are made fit for %s channels', async (inChannels) => {
  const network = unet(new Graph(), {
    encoder: 'resnet18',
    inChannels,
    classes: 2,
    decoderChannels: [8, 8, 8, 8, 8],
  });
  const path = join(dir, `for-${inChannels}.safetensors`);
  await writeSafetensors(path, { tensors: torchvision(), metadata: {} });
  const read = await readEncoder(path, network.parameters);
  if (!read.ok) throw new Error('not read');
  const stem = network.parameters.find(({ name }) => name === 'encoder.conv1.weight');
  const expected = patchFirstConv(
    dict.get('encoder.conv1.weight') ?? floats([], new Float32Array()),
    inChannels,
  );
  expect(stem?.variable.shape).toEqual([7, 7, inChannels, 64]);
  expect(digest(read.value.get('encoder.conv1.weight'))).toBe(
    digest(fromTorch(stem?.variable.shape ?? [], asFloats(expected))),
  );
});

test('numbers that no training makes are named: they would be predicted with', async () => {
  const broken = new Map(dict);
  const put = (name: string, value: number) => {
    const tensor = dict.get(name);
    if (tensor === undefined) throw new Error(`no ${name}`);
    const values = asFloats(tensor).slice();
    values[values.length - 1] = value;
    broken.set(name, floats(tensor.shape, values));
  };
  put('encoder.conv1.weight', NaN);
  put('encoder.bn1.bias', -Infinity);
  put('encoder.bn1.running_var', -0.5);
  const result = await read('broken.safetensors', broken);
  const message = result.ok ? '' : result.faults.map((fault) => fault.message).join();
  expect(message).toContain('encoder.conv1.weight holds NaN; expected finite numbers');
  expect(message).toContain('encoder.bn1.bias holds -Infinity; expected finite numbers');
  expect(message).toContain('encoder.bn1.running_var holds -0.5; expected finite numbers from 0 up');
});

test('a wrong file says which keys and shapes are off', async () => {
  const wrong = torchvision();
  wrong.delete('bn1.bias');
  wrong.set('conv1.weight', floats([64, 4, 7, 7], new Float32Array(64 * 4 * 49)));
  wrong.set('layer5.0.conv1.weight', floats([1], new Float32Array(1)));
  const result = await read('wrong.safetensors', wrong);
  if (result.ok) throw new Error('was read');
  expect(result.faults).toHaveLength(1);
  expect(result.faults[0]).toMatchObject({
    code: 'ERS_WEIGHTS',
    message:
      'The encoder weights do not fit model.encoder_name: encoder.conv1.weight has the shape 64×4×7×7; expected 64×3×7×7; ' +
      'encoder.bn1.bias (64) is missing; encoder.layer5.0.conv1.weight is unknown to this model.',
    place: { file: 'wrong.safetensors' },
  });
});

test('the header alone tells what does not fit, in the same words', async () => {
  const wrong = torchvision();
  wrong.delete('bn1.bias');
  wrong.set('layer1.0.bn1.weight', floats([63], new Float32Array(63)));
  wrong.set('layer9.weight', floats([1], new Float32Array(1)));
  const whole = await read('header.safetensors', wrong);
  expect(whole.ok).toBe(false);
  const path = join(dir, 'header.safetensors');
  expect(await inspectEncoder(path, 'resnet18', 3, 'header.safetensors')).toEqual(whole);
  const right = join(dir, 'right.safetensors');
  await writeSafetensors(right, { tensors: torchvision(), metadata: {} });
  expect(await inspectEncoder(right, 'resnet18', 3)).toEqual({ ok: true, value: null });
  // The first convolution of three channels is made fit for any number of them.
  expect(await inspectEncoder(right, 'resnet18', 5)).toEqual({ ok: true, value: null });
  expect(await inspectEncoder(right, 'resnet34', 3)).toMatchObject({ faults: [{ code: 'ERS_WEIGHTS' }] });
});

test('a file for five bands fits a network of five bands, and one of a number that is not known yet', async () => {
  const five = torchvision().set('conv1.weight', floats([64, 5, 7, 7], new Float32Array(64 * 5 * 49)));
  const path = join(dir, 'five.safetensors');
  await writeSafetensors(path, { tensors: five, metadata: {} });
  expect(await inspectEncoder(path, 'resnet18', 5)).toEqual({ ok: true, value: null });
  expect(await inspectEncoder(path, 'resnet18', undefined)).toEqual({ ok: true, value: null });
  const other = await inspectEncoder(path, 'resnet18', 4);
  expect(other.ok ? [] : other.faults).toMatchObject([
    {
      message: expect.stringContaining(
        'encoder.conv1.weight has the shape 64×5×7×7; expected 64×4×7×7',
      ) as string,
    },
  ]);
});
