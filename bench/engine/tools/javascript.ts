import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, lastStages, makerOf, type Project, type Stage } from '../project.ts';
import type { Tool } from '../tool.ts';
import { gitCommit, gitInit } from './git.ts';

/** What the three have in common: a package with a script a stage, in a repository. */
function writePackage(folder: string, modules: string, ignored: readonly string[], more: object): void {
  symlinkSync(modules, join(folder, 'node_modules'));
  writeJson(folder, 'package.json', {
    name: 'bench',
    version: '1.0.0',
    private: true,
    packageManager: 'npm@10.8.2',
    ...more,
  });
  writeJson(folder, 'package-lock.json', {
    name: 'bench',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'bench', version: '1.0.0' } },
  });
  writeFileSync(join(folder, '.gitignore'), `${ignored.join('\n')}\n`);
}

/** All of them delegate a result's removal to us: then it must come out of the store. */
const forgetOut = (folder: string): void => rmSync(join(folder, 'out'), { recursive: true, force: true });

export function turborepo(modules: string, version: string): Tool {
  const argv = [join(modules, '.bin', 'turbo'), 'run'];
  const env = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  const names = (project: Project) => lastStages(project).map(({ name }) => name);
  return {
    name: 'Turborepo',
    version,
    write: (folder, project) => {
      gitInit(folder);
      writePackage(folder, modules, ['node_modules', '.turbo', 'data', ...outsOf(project)], {
        scripts: scriptsOf(project),
      });
      const tasks = project.stages.map(
        (stage) =>
          [
            stage.name,
            { dependsOn: above(project, stage), inputs: globs(stage.ins), outputs: globs(stage.outs) },
          ] as const,
      );
      writeJson(folder, 'turbo.json', { tasks: Object.fromEntries(tasks) });
      gitCommit(folder);
    },
    run: (project, jobs) => ({ argv: [...argv, ...names(project), `--concurrency=${jobs}`], env }),
    dry: (project) => ({
      argv: [...argv, ...names(project), '--dry=json'],
      env,
      saysRun: (output) => /"status":\s*"MISS"/.test(output),
    }),
    seen: (_, path) => path,
    store: { folder: '.turbo/cache', holds: (path) => path.endsWith('.zst'), forget: forgetOut },
  };
}

export function nx(modules: string, version: string): Tool {
  const argv = [join(modules, '.bin', 'nx')];
  const env = { NX_DAEMON: 'false', NX_TUI: 'false', DO_NOT_TRACK: '1', CI: '1' };
  return {
    name: 'Nx',
    version,
    write: (folder, project) => {
      gitInit(folder);
      const targets = project.stages.map((stage) => {
        const inputs = Object.values(stage.ins).map((path) =>
          makerOf(project, path) === undefined
            ? `{projectRoot}/${globOf(path)}`
            : { dependentTasksOutputFiles: `**/${path}` },
        );
        const outputs = Object.values(stage.outs).map((path) => `{projectRoot}/${path.replace(/\/$/, '')}`);
        return [stage.name, { cache: true, dependsOn: above(project, stage), inputs, outputs }] as const;
      });
      // What git ignores Nx does not see: data is no part of that.
      writePackage(folder, modules, ['node_modules', '.nx', ...outsOf(project)], {
        scripts: scriptsOf(project),
        nx: { targets: Object.fromEntries(targets) },
      });
      writeJson(folder, 'nx.json', { neverConnectToCloud: true, cacheDirectory: '.nx/cache' });
    },
    run: (project, jobs) => ({
      argv: [
        ...argv,
        'run-many',
        '-t',
        lastStages(project)
          .map(({ name }) => name)
          .join(','),
        `--parallel=${jobs}`,
      ],
      env,
    }),
    dry: undefined,
    seen: (_, path) => path,
    store: { folder: '.nx', holds: (path) => path.endsWith('/big.bin'), forget: forgetOut },
  };
}

export function wireit(modules: string, version: string): Tool {
  return {
    name: 'wireit',
    version,
    write: (folder, project) => {
      const described = project.stages.map(
        (stage) =>
          [
            stage.name,
            {
              command: commandOf(stage, (_, path) => path),
              dependencies: above(project, stage),
              files: globs(inputsFromOutside(project, stage)),
              output: globs(stage.outs),
            },
          ] as const,
      );
      const last = lastStages(project).map(({ name }) => name);
      writePackage(folder, modules, ['node_modules', '.wireit', ...outsOf(project)], {
        scripts: Object.fromEntries(
          ['all', ...project.stages.map(({ name }) => name)].map((name) => [name, 'wireit'] as const),
        ),
        wireit: { ...Object.fromEntries(described), all: { dependencies: last } },
      });
    },
    run: (_, jobs) => ({
      argv: ['npm', 'run', '-s', 'all'],
      env: { CI: undefined, WIREIT_PARALLEL: String(jobs) },
    }),
    dry: undefined,
    seen: (_, path) => path,
    store: {
      folder: '.wireit',
      holds: (path) => path.endsWith('/big.bin'),
      forget: (folder, again) => {
        // It trusts a finger print beside the store before it looks into the store: another run moves that on.
        again();
        forgetOut(folder);
        for (const name of readdirSync(join(folder, '.wireit'))) {
          rmSync(join(folder, '.wireit', name, 'fingerprint'), { force: true });
        }
      },
    },
  };
}

function scriptsOf({ stages }: Project): Readonly<Record<string, string>> {
  return Object.fromEntries(stages.map((stage) => [stage.name, commandOf(stage, (_, path) => path)]));
}

function above(project: Project, { ins }: Stage): readonly string[] {
  return Object.values(ins).flatMap((path) => makerOf(project, path)?.stage ?? []);
}

function inputsFromOutside(project: Project, { ins }: Stage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(ins).filter(([, path]) => makerOf(project, path) === undefined));
}

function outsOf({ stages }: Project): readonly string[] {
  return stages.flatMap(({ outs }) => Object.values(outs));
}

function globs(paths: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(paths).map(globOf);
}

function globOf(path: string): string {
  return path.endsWith('/') ? `${path}**` : path;
}

function writeJson(folder: string, name: string, value: object): void {
  writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}
