import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../build/tree.ts';
import { tempFolder } from '../temp-folder.ts';

const page = readFileSync(join(project, 'docs', 'programs.md'), 'utf8');
const hasPython = spawnSync('python3', ['--version']).status === 0;

/** The page's files: a name in backticks, a colon, and a block. */
function files(): readonly (readonly [string, string])[] {
  return [...page.matchAll(/^`([\w.]+)`:\n\n```\w+\n(.*?)```$/gms)].map(([, name = '', text = '']) => [
    name,
    text,
  ]);
}

test.skipIf(!hasPython)('the example of docs/programs.md runs as it stands there (needs python3)', () => {
  const folder = tempFolder('ers-programs-');
  expect(files().map(([name]) => name)).toEqual(['pipeline.yaml', 'config.yaml', 'cover.py', 'summary.py']);
  for (const [name, text] of files()) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, 'tiles'));
  writeFileSync(join(folder, 'tiles', 'a.txt'), 'water\nwater\nforest\n');
  writeFileSync(join(folder, 'tiles', 'b.txt'), 'forest\nforest\ntown\n');
  const ers = () =>
    spawnSync(process.execPath, [join(project, 'bin', 'ers.js'), 'run'], { cwd: folder, encoding: 'utf8' });
  expect(ers().stdout).toContain('classes 2, area 5');
  expect(readFileSync(join(folder, 'artifacts/cover/cover.csv'), 'utf8')).toBe(
    'class,area\nforest,3\nwater,2\n',
  );
  expect(ers().stdout).toContain('2 stages, 2 cached');
});
