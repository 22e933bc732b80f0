import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../temp-folder.ts';
import { tinyProject } from './project.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;

test.skipIf(!hasGit).each([
  ['in the project', undefined],
  ['in a folder of the project of another name', 'cache/store'],
  ['elsewhere', 'elsewhere'],
])(
  'with its store %s git sees of a project that was run pipeline.lock and nothing else of ers (needs git)',
  (_, store) => {
    const made = tinyProject();
    onTestFinished(made.remove);
    const at = store === 'elsewhere' ? tempFolder() : store;
    const env = at === undefined ? {} : { ERS_STORE: at };
    expect(made.ersWith(env, 'run').code).toBe(0);
    const git = (...args: readonly string[]): string =>
      spawnSync('git', args, { cwd: made.folder, encoding: 'utf8' }).stdout;
    git('init', '-q');
    git('add', '--all');
    expect(git('ls-files').trim().split('\n')).toEqual(['config.yaml', 'pipeline.lock', 'pipeline.yaml']);
    const ersSays = ['ls', 'du', 'verify', 'gc'].map((command) => made.ersWith(env, command));
    expect(ersSays.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(ersSays.map(({ out, err }) => out + err).join('')).not.toContain('gitignore');
    expect(made.ersWith(env, 'run').out).toContain('2 stages, 2 cached');
    expect(readdirSync(join(made.folder, 'artifacts'))).toEqual(['.gitignore', 'count', 'draw']);
  },
);
