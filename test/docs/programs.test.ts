import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

test.skipIf(!hasPython)(
  'a script that imports a module beside it fails clearly as one file, and works with its folder (needs python3)',
  () => {
    const folder = tempFolder('ers-programs-');
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    const pipeline = (script: string, code: string): string =>
      `stages:\n  cover:\n    cmd: python3 ${script} {outs.table}\n    deps: { code: ${code} }\n    outs: { table: cover.csv }\n`;
    const run = () =>
      spawnSync(process.execPath, [join(project, 'bin', 'ers.js'), 'run'], { cwd: folder, encoding: 'utf8' });
    mkdirSync(join(folder, 'src'));
    write('src/cover.py', 'import helper, sys\nopen(sys.argv[1], "w").write(helper.text)\n');
    write('src/helper.py', 'text = "class,area"\n');
    write('pipeline.yaml', pipeline('{deps.code}', 'src/cover.py'));
    const alone = run();
    expect(alone.status).toBe(1);
    expect(alone.stdout).toContain("ModuleNotFoundError: No module named 'helper'");
    expect(alone.stdout).toContain(
      'A script given as one file is alone: if it needs files that lie beside cover.py, give their folder, code: src/, and write {deps.code}/cover.py.',
    );
    write('pipeline.yaml', pipeline('{deps.code}/cover.py', 'src/'));
    expect(run().status).toBe(0);
    expect(readFileSync(join(folder, 'artifacts/cover/cover.csv'), 'utf8')).toBe('class,area');
    expect(readdirSync(join(folder, 'src'))).toEqual(['cover.py', 'helper.py']);
    expect(run().stdout).toContain('1 stage, 1 cached');
  },
);
