import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readOptions, type ParityOptions } from '../../../bench/parity/options.ts';
import { batchFor } from '../../../bench/parity/problem.ts';
import { prepareRandom } from '../../../base/random.ts';
import { writeNpy } from '../../../formats/npy.ts';
import { tempFolder } from '../../temp-folder.ts';

beforeAll(prepareRandom);

function options(...args: readonly string[]): ParityOptions {
  const found = readOptions(args);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

/** The batch of two files, or why it is refused. */
function fromFiles(imageShape: readonly number[], maskShape: readonly number[], label = 0): string {
  const folder = tempFolder('ers-parity-');
  const [images, masks] = [join(folder, 'images.npy'), join(folder, 'masks.npy')];
  const count = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
  writeFileSync(images, writeNpy(imageShape, new Uint8Array(count(imageShape))));
  writeFileSync(masks, writeNpy(maskShape, new Uint8Array(count(maskShape)).fill(label)));
  try {
    const batch = batchFor(options('--classes', '3', '--images', images, '--masks', masks));
    return `${batch.n} of ${batch.height}×${batch.width}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('a random batch is a function of its seed, holds ignored pixels and every class', () => {
  const batch = (seed: string) => batchFor(options('--seed', seed, '--classes', '3', '--size', '64'));
  expect(batch('1')).toEqual(batch('1'));
  expect(batch('1').images).not.toEqual(batch('2').images);
  expect([...new Set(batch('1').masks)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 255]);
});

test('files of the user are read, and one that does not fit is refused by its shape or its label', () => {
  expect(fromFiles([2, 32, 64, 3], [2, 32, 64])).toBe('2 of 32×64');
  expect(fromFiles([2, 32, 64, 4], [2, 32, 64])).toBe(
    '--images has the shape 2×32×64×4; expected N×H×W×3 (--channels).',
  );
  expect(fromFiles([2, 32, 64, 3], [2, 64, 32])).toBe('--masks has the shape 2×64×32; expected 2×32×64.');
  expect(fromFiles([2, 33, 64, 3], [2, 33, 64])).toContain('height and width must be multiples of 32');
  expect(fromFiles([1, 32, 64, 3], [1, 32, 64], 3)).toBe(
    '--masks holds the label 3; expected 0…2 (--classes) or 255 (--ignore).',
  );
  expect(fromFiles([1, 32, 32, 3], [1, 32, 32])).toContain('one value a channel');
});
