import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFor } from '../../../cache/temporary.ts';
import { sayUnwritten } from '../../../engine/project/unwritten.ts';
import { tempFolder } from '../../temp-folder.ts';

const tail = 'Mend that and run again to see them in place';

test('a path below the project is named from there, one elsewhere in full', () => {
  const [root, elsewhere] = [tempFolder(), tempFolder()];
  writeFileSync(join(root, 'artifacts'), '');
  writeFileSync(join(elsewhere, 'full'), '');
  const refused = (path: string) => sayUnwritten(root, path, () => mkdirSync(path));
  expect(refused(join(root, 'artifacts'))).toBe(
    `artifacts cannot be written: something lies there already (EEXIST); the results are safe in the store. ${tail}`,
  );
  expect(refused(join(elsewhere, 'full'))).toMatch(new RegExp(`^${elsewhere}/full cannot be written: `));
  expect(refused(root)).toMatch(new RegExp(`^${root} cannot be written: `));
});

test('a file that is written whole is named itself, not the random name under which it begins', () => {
  const root = tempFolder();
  const lock = join(root, 'pipeline.lock');
  const temporary = temporaryFor(lock);
  mkdirSync(temporary);
  expect(sayUnwritten(root, lock, () => writeFileSync(temporary, ''))).toMatch(
    /^pipeline\.lock cannot be written: /,
  );
});
