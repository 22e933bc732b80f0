import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ers, tinyProject } from './project.ts';

it('a run with nothing to do loads no npm package', () => {
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
    expect(loaded.some((url) => url.endsWith('/cli.mjs'))).toBe(true);
    expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([]);
  } finally {
    project.remove();
    rmSync(coverage, { recursive: true, force: true });
  }
});
