import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { bin } from './project.ts';

/** `script` of util-linux gives a program a terminal of its own. */
export const script = '/usr/bin/script';

/** Whether this machine has it; that of macOS takes other options. */
export const terminalScript = process.platform === 'linux' && existsSync(script);

/** The real `ers` in a terminal, between two looks at how that terminal is set. */
export interface InTerminal {
  /** Types into the terminal: `\u0003` is Ctrl-C. */
  readonly type: (keys: string) => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when so much was printed. */
  readonly until: (text: string) => Promise<void>;
  readonly ended: Promise<{
    readonly code: string;
    readonly printed: string;
    /** `stty -a` before it began, and after it ended. */
    readonly before: string;
    readonly after: string;
  }>;
}

/** Starts it in a folder, into which it writes a few files of its own. */
export function inTerminal(folder: string, args: readonly string[]): InTerminal {
  const file = (name: string): string => join(folder, `terminal-${name}`);
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  writeFileSync(
    file('lines.sh'),
    [
      // Ctrl-C is for ers; a shell that has no trap for it would end here too.
      'trap : INT',
      // A new terminal has no size.
      'stty rows 40 cols 100',
      'stty -a > terminal-before',
      `sh -c 'echo $$ > terminal-pid; exec "$0" "$@"' ${[process.execPath, bin, ...args].map(quoted).join(' ')}`,
      'echo $? > terminal-code',
      'stty -a > terminal-after',
    ].join('\n'),
  );
  const env = { ...process.env, TERM: 'xterm-256color', CI: '0', CONTINUOUS_INTEGRATION: '0' };
  const child = spawn(script, ['-qefc', 'sh terminal-lines.sh', '/dev/null'], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  let isOver = false;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const go of waiting.splice(0)) go();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    wake();
  });
  const read = (name: string): string => readFileSync(file(name), 'utf8').trim();
  const ended = once(child, 'close').then(() => {
    isOver = true;
    wake();
    return { code: read('code'), printed, before: read('before'), after: read('after') };
  });
  return {
    type: (keys) => void child.stdin.write(keys),
    kill: (signal) => void process.kill(Number(read('pid')), signal),
    until: async (text) => {
      while (!printed.includes(text)) {
        if (isOver) throw new Error(`ers ended and never printed "${text}":\n${printed}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    ended,
  };
}
