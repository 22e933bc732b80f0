import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gitState } from '../../../engine/experiments/git.ts';
import { tempFolder, write } from '../pipelines.ts';

function repository(): { readonly root: string; readonly git: (...args: readonly string[]) => string } {
  const root = tempFolder();
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
    });
  git('init', '-q');
  write(root, 'a.txt', 'one\n');
  git('add', '.');
  git('commit', '-qm', 'first');
  return { root, git };
}

it('a clean repository is its commit', async () => {
  const { root, git } = repository();
  const commit = git('rev-parse', 'HEAD').trim();
  const clean = { commit, dirty: [], changes: 0, digest: null, diff: null };
  expect(await gitState(root, process.env)).toEqual(clean);
  // What ers writes itself is no change.
  write(root, '.ers/index', 'x');
  write(root, 'artifacts/a/b', 'x');
  write(root, 'pipeline.lock', 'x');
  expect(await gitState(root, process.env)).toEqual(clean);
});

it('changes are told with their diff and one digest, from a folder below too', async () => {
  const { root } = repository();
  write(root, 'a.txt', 'two\n');
  write(root, 'below/ä new.txt', 'x');
  const state = await gitState(root, process.env);
  expect(state).toMatchObject({ dirty: ['a.txt', 'below/'], changes: 2 });
  expect(state?.diff).toContain('-one\n+two\n');
  expect(await gitState(join(root, 'below'), process.env)).toEqual(state);
  write(root, 'a.txt', 'three\n');
  expect((await gitState(root, process.env))?.digest).not.toBe(state?.digest);
});

it('of many or large changes the names are cut short and the diff is left out, not the count and the digest', async () => {
  const { root } = repository();
  write(root, 'a.txt', 'x'.repeat(100_000));
  for (let at = 0; at < 150; at += 1) write(root, `new-${at}.txt`, 'x');
  const state = await gitState(root, process.env);
  expect(state?.dirty).toHaveLength(100);
  expect(state).toMatchObject({
    changes: 151,
    diff: null,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
});

it('a run that is stopped asks git nothing any more', async () => {
  const { root } = repository();
  const programs = tempFolder();
  const asked = join(programs, 'asked');
  write(programs, 'git', `#!/bin/sh\n: > '${asked}'\n`);
  chmodSync(join(programs, 'git'), 0o755);
  const env = { ...process.env, PATH: programs };
  expect(await gitState(root, env, AbortSignal.abort())).toBe(null);
  expect(existsSync(asked)).toBe(false);
  expect(await gitState(root, env)).toBe(null);
  expect(existsSync(asked)).toBe(true);
});

it('outside a repository, without a commit and without git there is nothing to tell', async () => {
  expect(await gitState(tempFolder(), { ...process.env, GIT_CEILING_DIRECTORIES: '/' })).toBe(null);
  const { root } = repository();
  expect(await gitState(root, { PATH: tempFolder() })).toBe(null);
  const bare = tempFolder();
  execFileSync('git', ['init', '-q'], { cwd: bare });
  expect(await gitState(bare, process.env)).toBe(null);
});

it('git starts no hook and no program of its config, and leaves no lock', async () => {
  const { root, git } = repository();
  const trace = join(tempFolder(), 'started');
  const script = join(root, '.git', 'evil.sh');
  writeFileSync(script, `#!/bin/sh\ntouch '${trace}'\n`);
  chmodSync(script, 0o755);
  for (const hook of ['post-index-change', 'pre-auto-gc', 'fsmonitor-watchman']) {
    mkdirSync(join(root, '.git', 'hooks'), { recursive: true });
    writeFileSync(join(root, '.git', 'hooks', hook), `#!/bin/sh\ntouch '${trace}'\n`, { mode: 0o755 });
  }
  git('config', 'core.fsmonitor', script);
  git('config', 'diff.external', script);
  git('config', 'core.pager', script);
  git('config', 'diff.all.textconv', script);
  write(root, '.gitattributes', '* diff=all\n');
  write(root, 'a.txt', 'two\n');
  const before = readdirSync(join(root, '.git')).sort();
  expect((await gitState(root, process.env))?.diff).toContain('+two');
  expect(existsSync(trace)).toBe(false);
  expect(readdirSync(join(root, '.git')).sort()).toEqual(before);
});
