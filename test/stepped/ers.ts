import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/ers.js', import.meta.url));

/** A process of the real `ers`, not in a terminal, that a test follows line by line. */
export interface RunningErs {
  readonly pid: number;
  /** What it has printed to stdout so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line, past or to come, that holds the text; rejects if it ends without one. */
  readonly until: (text: string) => Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Killed when the test ends, if it is still there. */
export function startErs(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningErs {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    // What it writes would else stand in the way of those who remove its folder.
    await gone;
  });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  let isOver = false;
  const wake = () => waiting.splice(0).forEach((go) => go());
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  const ended = once(child, 'close').then((end) => {
    const [code, signal] = end as [number | null, NodeJS.Signals | null];
    isOver = true;
    wake();
    return { code, signal };
  });
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    until: async (text) => {
      for (;;) {
        const found = lines.find((line) => line.includes(text));
        if (found !== undefined) return found;
        if (isOver) throw new Error(`ers ended and never said "${text}":\n${lines.join('\n')}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
