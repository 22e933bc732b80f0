import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { project, Tree } from '../build/tree.ts';

const sources = {
  'cli/main.ts': `
export async function main(argv: readonly string[], where: { readonly dist: string; readonly build: string }): Promise<number> {
  process.stdout.write(JSON.stringify({ argv, where }));
  return argv.includes('fail') ? 1 : 0;
}`,
  'engine/attempt/child.ts': 'export const child = 1;',
  'ui/ink/open-screen.tsx': 'export const openScreen = 1;',
  'cache/verify/reader-worker.ts': 'export const reader = 1;',
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeTree(): Tree {
  const tree = new Tree(sources);
  folders.push(tree.root);
  return tree;
}

function ers(root: string, ...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin', 'ers.js'), ...argv], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the first start builds with one line on stderr, the next one does not', () => {
  const { root } = makeTree();
  const first = ers(root, 'run', '--json');
  expect(first).toMatchObject({ status: 0, stderr: 'building ers…\n' });
  const { argv, where } = JSON.parse(first.stdout) as {
    argv: string[];
    where: { dist: string; build: string };
  };
  expect(argv).toEqual(['run', '--json']);
  expect(where.dist).toBe(join(root, 'dist'));
  expect(where.build).toMatch(/^[0-9a-f]{16}$/);
  expect(ers(root, 'run', '--json')).toEqual({ status: 0, stderr: '', stdout: first.stdout });
});

test('a source that is changed, touched, added or removed is seen', () => {
  const tree = makeTree();
  const builds = () => ers(tree.root).stderr === 'building ers…\n';
  expect(builds()).toBe(true);
  tree.write('cli/main.ts', sources['cli/main.ts'].replace('argv, where', 'where, argv'));
  expect(builds()).toBe(true);
  utimesSync(join(tree.root, 'cli/main.ts'), 1, 1);
  expect(builds()).toBe(true);
  tree.write('nn/new.ts', '');
  expect(builds()).toBe(true);
  unlinkSync(join(tree.root, 'nn/new.ts'));
  expect(builds()).toBe(true);
  expect(builds()).toBe(false);
});

test('a current.json that is cut off or has a byte flipped is built again, and the answer is right', () => {
  const { root } = makeTree();
  const { stdout } = ers(root, 'x');
  const file = join(root, 'dist', 'current.json');
  const whole = readFileSync(file);
  // Half a text; then a letter of the key `build`, a digit of its value, a letter of a path.
  const cut = whole.subarray(0, whole.length >> 1);
  const flips = [3, 12, whole.indexOf('cli/main.ts')].map((at) => {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    return flipped;
  });
  for (const damaged of [cut, ...flips]) {
    writeFileSync(file, damaged);
    expect(ers(root, 'x')).toEqual({ status: 0, stderr: 'building ers…\n', stdout });
    expect(readFileSync(file)).toEqual(whole);
  }
  expect(ers(root, 'x')).toEqual({ status: 0, stderr: '', stdout });
});

test("the program's exit code is handed on", () => {
  expect(ers(makeTree().root, 'fail').status).toBe(1);
});

test('sources that do not compile: file, line and column, exit code 2, and dist as it was', () => {
  const tree = makeTree();
  ers(tree.root);
  const before = readFileSync(join(tree.root, 'dist', 'current.json'), 'utf8');
  tree.write('cli/main.ts', 'export const main = ;\n');
  const { status, stderr, stdout } = ers(tree.root);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    [
      'building ers…',
      'cli/main.ts:1:21 Unexpected ";"',
      '  export const main = ;',
      '                      ^',
      'ERS_BUILD: ers does not compile. Mend the lines above; dist/ is as it was.',
      '',
    ].join('\n'),
  );
  expect(readFileSync(join(tree.root, 'dist', 'current.json'), 'utf8')).toBe(before);
});

test('without packages it says what to run', () => {
  const { root } = makeTree();
  unlinkSync(join(root, 'node_modules'));
  const { status, stderr } = ers(root);
  expect(status).toBe(2);
  expect(stderr).toBe(`The packages that ers needs are not installed: run npm ci in ${root}.\n`);
});

test('a published package without sources loads its dist', () => {
  const { root } = makeTree();
  ers(root);
  const published = mkdtempSync(join(tmpdir(), 'ers-published-'));
  folders.push(published);
  for (const path of ['package.json', 'bin', 'dist']) {
    cpSync(join(root, path), join(published, path), { recursive: true });
  }
  const { status, stderr, stdout } = ers(published, 'x');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('"argv":["x"]');
  rmSync(join(published, 'dist', 'current.json'));
  const broken = ers(published);
  expect(broken.status).toBe(2);
  expect(broken.stderr).toContain('Install ers again.');
});

test('a Node that is too old is named, with the one that is needed', () => {
  const { root } = makeTree();
  const launcher = join(root, 'bin', 'ers.js');
  const script = `Object.defineProperty(process.versions, 'node', { value: '18.20.1' }); await import(${JSON.stringify(launcher)});`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toBe(
    'ers needs Node 20.19 or newer, and this is Node 18.20.1. Install it from nodejs.org.\n',
  );
});

test('the real one prints its help', () => {
  const { status, stdout } = ers(project, '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: ers');
});
