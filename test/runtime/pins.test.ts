import { expect, test } from 'vitest';
import { pins, tensorFlowVersion, variantNames } from '../../runtime/pins.ts';
import { folderOf, recipeOf } from '../../runtime/recipe.ts';

test.each(variantNames)('The pins of %s are whole', (variant) => {
  const wheels = pins[variant];
  expect(wheels[0]?.version).toBe(tensorFlowVersion);
  for (const wheel of wheels) {
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(wheel.kept).toBeGreaterThan(wheel.bytes);
    expect(wheel.file.startsWith(`${wheel.package.replaceAll('-', '_')}-${wheel.version}-`)).toBe(true);
    expect(wheel.file.endsWith(`-${wheel.platforms.join('.')}.whl`)).toBe(true);
  }
  expect(new Set(wheels.map((wheel) => wheel.sha256)).size).toBe(wheels.length);
});

test('The GPU variant has every library that TensorFlow’s and-cuda extra lists', () => {
  expect(pins['linux-x64-gpu'].map((wheel) => wheel.package)).toEqual([
    'tensorflow',
    ...['cublas', 'cuda-cupti', 'cuda-nvcc', 'cuda-nvrtc', 'cuda-runtime', 'cudnn', 'cufft', 'curand'].map(
      (name) => `nvidia-${name}-cu12`,
    ),
    ...['cusolver', 'cusparse', 'nccl', 'nvjitlink'].map((name) => `nvidia-${name}-cu12`),
  ]);
});

test('Each variant has a folder of its own, and another source of the addon gives another folder', () => {
  const folders = variantNames.map((variant) => folderOf(recipeOf(variant)));
  expect(new Set(folders).size).toBe(variantNames.length);
  for (const folder of folders)
    expect(folder).toMatch(/^tensorflow-2\.21\.0-[a-z0-9]+-[a-z0-9]+-[cg]pu-[0-9a-f]{12}$/);
  const recipe = recipeOf('linux-x64-cpu');
  const other = { ...recipe, addon: { ...recipe.addon, digest: recipeOf('linux-x64-cpu').addon.digest } };
  expect(folderOf(other)).toBe(folderOf(recipe));
  const [wheel] = recipe.wheels;
  if (wheel === undefined) throw new Error('no wheel');
  expect(folderOf({ ...recipe, wheels: [{ ...wheel, sha256: '0'.repeat(64) }] })).not.toBe(folderOf(recipe));
});
