import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bin } from './project.ts';
import { tempFolder } from '../temp-folder.ts';

test('a project in a folder whose name is not UTF-8 is told so, rather than that there is none', () => {
  const root = tempFolder('ers-bytes-');
  const line = `d="$(printf 'p\\377')"; mkdir "$d" && cd "$d" && echo 'stages: {}' > pipeline.yaml && exec "$0" "$1" run`;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line, process.execPath, bin], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stdout + stderr).toContain('p\uFFFD');
  expect(stdout + stderr).toContain('is not UTF-8');
  expect(stdout + stderr).not.toContain('There is no');
});
