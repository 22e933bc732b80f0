import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { bin, ers, tinyProject } from './project.ts';

it('a run with nothing to do loads the launcher, the program and the validators, and no more', () => {
  const project = tinyProject();
  const coverage = mkdtempSync(join(tmpdir(), 'ers-loaded-'));
  try {
    expect(project.ers('run').code).toBe(0);
    // V8 writes down every script that a process loaded.
    expect(ers(project.folder, ['run'], { NODE_V8_COVERAGE: coverage }).code).toBe(0);
    const loaded = readdirSync(coverage).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as {
        readonly result: readonly { readonly url: string }[];
      };
      return result.map(({ url }) => url);
    });
    const root = dirname(dirname(bin));
    const url = (...parts: readonly string[]) => pathToFileURL(join(root, ...parts)).href;
    const { build } = JSON.parse(readFileSync(join(root, 'dist', 'current.json'), 'utf8')) as {
      readonly build: string;
    };
    // Every start pays for each of these: a file more is a decision.
    expect(loaded.filter((url) => !url.startsWith('node:')).sort()).toEqual([
      ...['code-cache.js', 'ers.js', 'sources.js'].map((name) => url('bin', name)),
      ...['cli.cjs', 'validators.cjs'].map((name) => url('dist', build, name)),
    ]);
  } finally {
    project.remove();
    rmSync(coverage, { recursive: true, force: true });
  }
});

it('a run with nothing to do loads none of what Node has for children, archives and threads', () => {
  const project = tinyProject();
  try {
    const [witness, list] = [join(project.folder, 'witness.cjs'), join(project.folder, 'loaded')];
    writeFileSync(
      witness,
      "process.on('exit', () => require('node:fs').writeFileSync(process.env.LOADED, process.moduleLoadList.join('\\n')));",
    );
    expect(project.ers('run').code).toBe(0);
    const env = { NODE_OPTIONS: `--require "${witness}"`, LOADED: list };
    expect(ers(project.folder, ['run'], env).code).toBe(0);
    const loaded = readFileSync(list, 'utf8').split('\n');
    expect(loaded).toContain('NativeModule crypto');
    for (const name of ['child_process', 'zlib', 'worker_threads', 'fs/promises']) {
      expect(loaded).not.toContain(`NativeModule ${name}`);
    }
  } finally {
    project.remove();
  }
});
