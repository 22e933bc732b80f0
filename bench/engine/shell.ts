import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from './tool.ts';

/** How a command went. */
export interface Ran {
  readonly code: number | null;
  /** Wall time, s. */
  readonly seconds: number;
  /** Processor time of the command and what it waited for, s; undefined without GNU time. */
  readonly cpu: number | undefined;
  /** Largest memory of one of its processes, bytes; undefined without GNU time. */
  readonly peak: number | undefined;
  /** stdout and stderr. */
  readonly output: string;
}

const gnuTime = '/usr/bin/time';
const hasTime = existsSync(gnuTime);

/** Runs a command in a folder and measures it. An environment value of undefined is taken away. */
export function measure(folder: string, { argv, env }: Command): Ran {
  const scratch = mkdtempSync(join(tmpdir(), 'ers-bench-time-'));
  const figures = join(scratch, 'time');
  const [file = '', ...args] = hasTime ? [gnuTime, '-o', figures, '-f', '%U %S %M', ...argv] : argv;
  try {
    const before = performance.now();
    const { status, stdout, stderr } = spawnSync(file, args, {
      cwd: folder,
      env: environment(env),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
    const seconds = (performance.now() - before) / 1000;
    const [user, system, kilobytes] = hasTime ? numbersIn(figures) : [];
    return {
      code: status,
      seconds,
      cpu: user === undefined || system === undefined ? undefined : user + system,
      peak: kilobytes === undefined ? undefined : kilobytes * 1024,
      output: `${stdout}${stderr}`,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs a command that must succeed; throws its last words if it does not. */
export function must(folder: string, command: Command): string {
  const { code, output } = measure(folder, command);
  if (code !== 0) throw new CommandFailed(command.argv, output);
  return output;
}

/** A command ended with something else than 0. */
export class CommandFailed extends Error {
  constructor(argv: readonly string[], output: string) {
    const last = output
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('WARNING'))
      .slice(-3)
      .join(' ');
    super(`${argv.slice(0, 3).join(' ')} …: ${last}`);
  }
}

export function environment(changes: Command['env'] = {}): NodeJS.ProcessEnv {
  const all = { ...process.env, ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The last line: before it GNU time may tell that the command failed. */
function numbersIn(file: string): readonly number[] {
  const last = readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
  const numbers = last.split(' ').map(Number);
  return numbers.every((number) => Number.isFinite(number)) ? numbers : [];
}
