import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from '../project.ts';
import { must } from '../shell.ts';
import type { Tool } from '../tool.ts';
import { gitInit } from './git.ts';

/** `program`: the installed `dvc`. `state`: where it may keep what it otherwise puts below /var/tmp. */
export function dvc(program: string, version: string, state: string): Tool {
  const env = { DVC_NO_ANALYTICS: '1', DVC_SITE_CACHE_DIR: state };
  const command = (...args: readonly string[]) => ({ argv: [program, ...args], env });
  return {
    name: 'DVC',
    version,
    write: (folder, { stages }) => {
      gitInit(folder);
      must(folder, command('init', '-q'));
      must(folder, command('config', 'core.analytics', 'false'));
      must(folder, command('config', 'core.check_update', 'false'));
      const described = stages.map((stage) => {
        const paths = (side: Readonly<Record<string, string>>) =>
          Object.values(side).map((path) => path.replace(/\/$/, ''));
        return [
          stage.name,
          { cmd: commandOf(stage, (_, path) => path), deps: paths(stage.ins), outs: paths(stage.outs) },
        ] as const;
      });
      writeFileSync(join(folder, 'dvc.yaml'), JSON.stringify({ stages: Object.fromEntries(described) }));
    },
    run: () => command('repro'),
    dry: () => ({
      ...command('repro', '--dry'),
      saysRun: (output) => /Running stage/.test(output) && !/is cached/.test(output),
    }),
    seen: (_, path) => path,
    store: {
      folder: '.dvc/cache/files',
      holds: (_, bytes) => bytes > 1_000_000,
      forget: (folder) => rmSync(join(folder, 'out'), { recursive: true, force: true }),
    },
  };
}
