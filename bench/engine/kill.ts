import { readdirSync, readFileSync } from 'node:fs';

/**
 * SIGKILL to a process and all that it started, save those whose command line names `spared` and what these started:
 * as when the engine is killed while its stage lives on. Linux.
 */
export function endAllBut(root: number, spared: string): void {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]));
  const isSpared = (pid: number): boolean => read(`/proc/${pid}/cmdline`)?.includes(spared) !== false;
  const end = (pid: number): void => {
    if (isSpared(pid)) return;
    // Before what it started, which it could otherwise see die.
    kill(pid);
    for (const [child, parent] of parents) if (parent === pid) end(child);
  };
  end(root);
}

/** Field 4 of /proc/PID/stat, after the name in parentheses (proc(5)). */
function parentOf(pid: number): number | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text === undefined ? undefined : Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    // The process has ended since it was listed.
    if (!(error instanceof Error && 'code' in error)) throw error;
    return undefined;
  }
}
