import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { diskFault, freeBytes, platformFault } from '../../../runtime/install/limits.ts';
import { missingFault } from '../../../runtime/install/missing.ts';
import { needsOf } from '../../../runtime/install/preflight.ts';
import { recipeOf } from '../../../runtime/recipe.ts';

test('Too little disk is one message with what is needed and what is free', () => {
  const { bytes } = needsOf(recipeOf('linux-x64-cpu'), false);
  expect(diskFault(bytes, 500e6, '/cache')).toEqual({
    code: 'ERS_RUNTIME_DISK',
    message: 'Installing TensorFlow takes 1.23 GB for a while; 500 MB are free.',
    place: { file: '/cache' },
    hint: 'Free some space, or put the runtime elsewhere with ERS_RUNTIME_DIR=FOLDER.',
  });
  expect(diskFault(bytes, bytes, '/cache')).toBeUndefined();
  expect(freeBytes(tmpdir())).toBeGreaterThan(0);
});

test('A local wheel needs no room for fetching', () => {
  const recipe = recipeOf('linux-x64-cpu');
  expect(needsOf(recipe, false).bytes - needsOf(recipe, true).bytes).toBe(274_000_871);
});

test.each([
  ['2.36', ['avx', 'avx2'], undefined],
  ['2.27', ['avx'], undefined],
  ['3.0', ['avx'], undefined],
  ['2.26', ['avx'], 'Native TensorFlow needs glibc 2.27 or newer; this system has glibc 2.26.'],
  [
    undefined,
    ['avx'],
    'Native TensorFlow needs glibc 2.27 or newer; this system has another C library (musl?).',
  ],
  ['2.36', [], 'Native TensorFlow needs a processor with AVX; this one has none.'],
] as const)('glibc %s with features %j', (glibc, features, message) => {
  expect(platformFault('linux-x64-cpu', glibc, features)?.message).toBe(message);
  expect(platformFault('darwin-arm64-cpu', glibc, features)).toBeUndefined();
});

test.each([
  [['compiler'], 'apt', 'Run `apt-get install g++` as root, then run the command again.'],
  [
    ['compiler', 'python'],
    'apt',
    'Run `apt-get install g++ python3 python3-pip` as root, then run the command again.',
  ],
  [['pip'], 'dnf', 'Run `dnf install python3-pip` as root, then run the command again.'],
  [
    ['compiler', 'pip'],
    'brew',
    'Run `xcode-select --install` and `brew install python`, then run the command again.',
  ],
  [['compiler'], 'brew', 'Run `xcode-select --install`, then run the command again.'],
  [['compiler', 'pip'], 'unknown', 'Install g++ and pip, then run the command again.'],
] as const)('Missing %j with %s', (missing, manager, hint) => {
  expect(missingFault(missing, manager).hint).toBe(hint);
});
