import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tokenOf } from './owner.ts';

export interface ProgramResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** stdout and stderr in the order of arrival, the last 64 kB. */
  readonly output: string;
}

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Where to note the process, so that a later installation can end it should this process be killed. */
  readonly note?: string;
}

const kept = 65_536;

/**
 * Runs a program to its end in a process group of its own, which is killed when `signal` aborts
 * (then the promise is rejected with the signal's reason).
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  options.signal.throwIfAborted();
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: options.env ?? process.env,
    cwd: options.cwd,
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-kept);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const stop = (): void => {
    if (child.pid !== undefined) endGroup(child.pid);
  };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const token = child.pid === undefined ? undefined : tokenOf(child.pid);
    if (options.note !== undefined && token !== undefined) writeFileSync(options.note, token);
    const code = await ended;
    options.signal.throwIfAborted();
    return { code, output };
  } finally {
    options.signal.removeEventListener('abort', stop);
  }
}

/** Kills a process group; one that is gone is fine. */
export function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
