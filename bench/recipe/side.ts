import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A side's process ended with something else than 0. */
export class SideFailed extends Error {
  readonly code: number | null;
  constructor(command: string, code: number | null) {
    super(`${command} ended with code ${code ?? 'none'}`);
    this.code = code;
  }
}

/** Runs a program that prints lines of JSON, and hands each over with the seconds since its start. Throws `SideFailed`. */
export async function follow(
  argv: readonly [string, ...string[]],
  cwd: string,
  take: (line: unknown, seconds: number) => void,
): Promise<void> {
  const [command, ...args] = argv;
  const began = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    take(JSON.parse(line) as unknown, (performance.now() - began) / 1000);
  }
  const code = await ended;
  if (code !== 0) throw new SideFailed(argv.slice(0, 3).join(' '), code);
}
