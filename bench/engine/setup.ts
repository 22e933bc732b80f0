import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, measure, must } from './shell.ts';
import type { Missing, Tool } from './tool.ts';
import { dvc } from './tools/dvc.ts';
import { nx, turborepo, wireit } from './tools/javascript.ts';
import { make } from './tools/make.ts';
import { snakemake } from './tools/snakemake.ts';

/** Pinned, so that two tables can be compared. */
const versions = {
  dvc: '3.67.1',
  snakemake: '9.27.1',
  turbo: '2.11.11',
  nx: '24.0.6',
  wireit: '0.14.13',
} as const;

/** Installs what is not installed yet; `cache` is made. `python`: the one that makes the environments. */
export function setUpPeers(
  cache: string,
  python: string,
  say: (line: string) => void,
): readonly (Tool | Missing)[] {
  mkdirSync(cache, { recursive: true });
  const js = (
    name: 'turbo' | 'nx' | 'wireit',
    shown: string,
    tool: (modules: string, version: string) => Tool,
  ) =>
    attempt(shown, versions[name], () => {
      const folder = install(cache, name, versions[name], say, (at) => {
        writeFileSync(join(at, 'package.json'), '{ "private": true }\n');
        must(at, {
          argv: ['npm', 'install', '--no-audit', '--no-fund', '--silent', `${name}@${versions[name]}`],
        });
      });
      return tool(join(folder, 'node_modules'), versions[name]);
    });
  const py = (name: 'dvc' | 'snakemake', shown: string, tool: (program: string) => Tool) =>
    attempt(shown, versions[name], () => {
      const folder = install(cache, name, versions[name], say, (at) => {
        must(at, { argv: [python, '-m', 'venv', '.'] });
        must(at, { argv: [join(at, 'bin', 'pip'), 'install', '-q', `${name}==${versions[name]}`] });
      });
      return tool(join(folder, 'bin', name));
    });
  return [
    py('dvc', 'DVC', (program) => dvc(program, versions.dvc, join(cache, 'dvc-state'))),
    py('snakemake', 'Snakemake', (program) => snakemake(program, versions.snakemake)),
    js('turbo', 'Turborepo', turborepo),
    js('nx', 'Nx', nx),
    js('wireit', 'wireit', wireit),
    attempt('GNU make', 'any', () => {
      const [, version = 'unknown'] =
        /GNU Make (\S+)/.exec(must(cache, { argv: ['make', '--version'] })) ?? [];
      return make(version);
    }),
  ];
}

/** A folder for each version, whole once `done` lies in it: an installation that was cut off begins again. */
function install(
  cache: string,
  name: string,
  version: string,
  say: (line: string) => void,
  work: (folder: string) => void,
): string {
  const folder = join(cache, `${name}-${version}`);
  const done = join(folder, 'done');
  if (existsSync(done)) return folder;
  say(`installing ${name} ${version} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  work(folder);
  writeFileSync(done, '');
  return folder;
}

function attempt(name: string, version: string, work: () => Tool): Tool | Missing {
  try {
    return work();
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!(error instanceof CommandFailed) && !missing) throw error;
    return { name, version, why: error.message };
  }
}

export function pythonVersion(python: string): string {
  return measure('.', { argv: [python, '--version'] }).output.trim();
}
