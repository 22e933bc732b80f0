import { renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../base/digest.ts';
import { hashFile } from '../../cache/hash-file.ts';
import { putWords, statWords } from '../../cache/listing.ts';
import { temporaryFolder } from './helpers.ts';

function wordsAt(path: string): BigUint64Array {
  const words = new BigUint64Array(statWords);
  putWords(words, 0, statSync(path, { bigint: true }));
  return words;
}

test.each([100, 3 << 20])(
  'a file of %i bytes that another is renamed over while it is read has changed',
  async (size) => {
    const folder = temporaryFolder();
    const path = join(folder, 'a');
    writeFileSync(path, Buffer.alloc(size));
    writeFileSync(`${path}.new`, Buffer.alloc(size));
    const expected = wordsAt(path);
    const replace = (): void => {
      rmSync(path);
      renameSync(`${path}.new`, path);
    };
    let calls = 0;
    const found = await hashFile(path, expected, () => ((calls += 1) === 1 ? replace() : undefined));
    expect(found).toEqual({ failure: 'changed' });
  },
);

test('a link that led elsewhere while it was read, and back again, has changed', async () => {
  const folder = temporaryFolder();
  const link = join(folder, 'link');
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), name);
  symlinkSync('a', link);
  const expected = wordsAt(link);
  rmSync(link);
  symlinkSync('b', link);
  const back = (): void => {
    rmSync(link);
    symlinkSync('a', link);
  };
  expect(await hashFile(link, expected, back)).toEqual({ failure: 'changed' });
  expect(await hashFile(link, expected, () => undefined)).toBe(sha256('a'));
});

test('a file that is gone is said to be gone', async () => {
  const path = join(temporaryFolder(), 'a');
  writeFileSync(path, 'a');
  const expected = wordsAt(path);
  rmSync(path);
  expect(await hashFile(path, expected, () => undefined)).toEqual({ failure: 'gone' });
});
