import { beforeAll, expect, test } from 'vitest';
import { prepareRandom } from '../../../base/random.ts';
import { kaimingNormalFanOut, kaimingUniformFanIn, xavierUniform } from '../../../nn/init/initializers.ts';
import { Graph } from '../../../nn/graph/graph.ts';
import { philox } from '../../../nn/init/philox.ts';
import { unet } from '../../../nn/unet.ts';

beforeAll(prepareRandom);

function deviation(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length);
}

test('Philox gives the known answers of its authors for counter 0', () => {
  const out = new Uint32Array(4);
  philox(out, 0, 0, 0);
  expect([...out]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
});

test('the same seed and name give the same weights; another name gives others', () => {
  const shape = [3, 3, 4, 8];
  expect(kaimingNormalFanOut(shape, 17, 'a')).toEqual(kaimingNormalFanOut(shape, 17, 'a'));
  expect(kaimingNormalFanOut(shape, 17, 'a')).not.toEqual(kaimingNormalFanOut(shape, 17, 'b'));
  expect(kaimingNormalFanOut(shape, 17, 'a')).not.toEqual(kaimingNormalFanOut(shape, 18, 'a'));
});

test('decoder filters are uniform within smp’s bound for the first block, 0.0294628', () => {
  const values = kaimingUniformFanIn([3, 3, 768, 64], 17, 'decoder');
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(0.0294628);
  expect(largest).toBeGreaterThan(0.029462);
  expect(deviation(values) / (0.0294628 / Math.sqrt(3))).toBeCloseTo(1, 2);
});

test('the head’s filter is uniform within smp’s bound, 0.17025', () => {
  const values = xavierUniform([3, 3, 16, 7], 17, 'head');
  expect(values.every((value) => Math.abs(value) <= 0.17025 + 1e-5)).toBe(true);
  expect(values.some((value) => Math.abs(value) > 0.165)).toBe(true);
});

test('encoder filters are normal with variance 2/(K·K·O)', () => {
  const values = kaimingNormalFanOut([3, 3, 128, 128], 17, 'encoder');
  expect(deviation(values) / Math.sqrt(2 / (9 * 128))).toBeCloseTo(1, 2);
  expect(values.reduce((total, value) => total + value, 0) / values.length).toBeCloseTo(0, 3);
});

test('the first filters for other than three channels are uniform within 1/√(K·K·I), PyTorch’s own default', () => {
  const scope = unet(new Graph(), {
    encoder: 'resnet18',
    inChannels: 4,
    classes: 2,
    decoderChannels: [8, 8, 8, 8, 8],
  });
  const stem = scope.parameters.find(({ name }) => name === 'encoder.conv1.weight');
  const values = stem?.initial(stem.variable.shape, 17, stem.name) ?? new Float32Array();
  const bound = 1 / Math.sqrt(49 * 4);
  expect(values).toHaveLength(49 * 4 * 64);
  expect(values.every((value) => Math.abs(value) <= bound + 1e-7)).toBe(true);
  expect(deviation(values) / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
});
