import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeWhole } from '../../cache/remove.ts';
import { temporaryFolder } from './helpers.ts';

test('folders that lie deeper than a path can reach are removed, and links are not followed', () => {
  const folder = temporaryFolder();
  const [doomed, mine] = [join(folder, 'doomed'), join(folder, 'mine')];
  for (const each of [doomed, mine]) mkdirSync(each, { mode: 0o750 });
  writeFileSync(join(mine, 'file'), 'precious');
  symlinkSync(mine, join(doomed, 'link'));
  const name = 'd'.repeat(250);
  // Relative steps: no path reaches the last of them.
  const dig = `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do mkdir ${name} && ln -s "${mine}" link2 && cd -P ${name} || exit 1; done; echo x > file`;
  execFileSync('bash', ['-c', dig], { cwd: doomed });
  removeWhole(doomed);
  expect(existsSync(doomed)).toBe(false);
  expect(readFileSync(join(mine, 'file'), 'utf8')).toBe('precious');
  expect(statSync(mine).mode & 0o777).toBe(0o750);
  removeWhole(doomed);
});
