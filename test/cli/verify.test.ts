import { chmodSync, readFileSync, realpathSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tinyProject, type TinyProject } from './project.ts';

let project: TinyProject;
beforeAll(() => {
  project = tinyProject();
  expect(project.ers('run').code).toBe(0);
});
afterAll(() => project.remove());

it('verify reads everything, moves a damaged artifact aside, and the next run makes it again', () => {
  expect(project.ers('verify')).toMatchObject({ code: 0, out: '2 artifacts intact (16 B read)\n' });
  const file = realpathSync(join(project.folder, 'artifacts', 'draw', 'text.txt'));
  const before = statSync(file);
  chmodSync(file, 0o644);
  writeFileSync(file, 'aXa');
  chmodSync(file, 0o444);
  utimesSync(file, before.atime, before.mtime);

  const { code, out } = project.ers('verify');
  expect(code).toBe(1);
  expect(out).toMatch(
    /^damaged {2}draw:text \(text\.txt\)\n {2}moved to .*; the next ers run makes it again\n1 artifact intact/,
  );
  expect(project.ers('verify').out).toBe('1 artifact intact (13 B read), 1 collected\n');
  expect(project.ers('run', 'draw').code).toBe(0);
  expect(readFileSync(join(project.folder, 'artifacts', 'draw', 'text.txt'), 'utf8')).toBe('aaa');
});
