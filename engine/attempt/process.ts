import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { errnoOf } from '../../cache/errno.ts';
import { isGroupRunning } from '../../cache/orphans.ts';
import type { CommandLine } from './command.ts';
import { cutLine, Lines } from './lines.ts';

/** How often it is looked whether a process group has ended, ms. */
const lookMs = 20;
/** How long output is awaited after the process and its group have ended. */
const drainMs = 500;
/** How many lines of stderr a fault shows. */
const shownLines = 20;

/** Told each line that the process prints, without its end. `noise`: its runtime declares that it says nothing to a user. */
export type OnLine = (stream: 'stdout' | 'stderr', line: string, noise: boolean) => void;

/** A process to run, and who hears of it. */
export interface ProcessRequest extends CommandLine {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** `noise`: it matches one of `noise`. */
  readonly onLine: OnLine;
  /** Lines of stderr that are no part of a fault's message. */
  readonly noise: readonly RegExp[];
  /** Asks the process group to end: SIGTERM, then SIGKILL. */
  readonly signal: AbortSignal;
  /** When SIGKILL is due after a SIGTERM at `asked`, as far as is known now; asked again then. In ms of `performance.now()`. */
  readonly graceEnds: (asked: number) => number;
  /** Seconds after which it is asked to end in the same way; null: never. */
  readonly timeout: number | null;
  /** Told the number of the process group at once, so that it can be ended even after the engine's own death. */
  readonly onGroup: (group: number) => void;
  /** Ends what left the process group; called when the process itself has ended. Resolves with what cannot be ended. */
  readonly endOrphans: () => Promise<readonly number[]>;
}

/** How the process ended. */
export type Ended =
  | ((
      | { readonly type: 'exit'; readonly code: number }
      | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
    ) &
      Remains)
  /** It was ended because of its timeout, however it took that. */
  | ({ readonly type: 'timeout' } & Remains)
  /** It did not even start. */
  | { readonly type: 'not-started'; readonly errno: string };

interface Remains {
  /** The last that it printed on stderr, without noise. */
  readonly lastLines: readonly string[];
  /** What it started and nobody here can end. */
  readonly left: readonly number[];
}

/** Runs a process in a group of its own with stdin closed, and returns when it and all it started have ended. */
export async function runProcess(request: ProcessRequest): Promise<Ended> {
  const lastLines: string[] = [];
  const child = start(request);
  if (typeof child === 'string') return { type: 'not-started', errno: child };
  const exited = exitOf(child);
  // Where the system has no more file handles it has no streams either.
  if (child.pid === undefined) return neverRan(await exited);
  await tellGroup(child, child.pid, request);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  readLines(child, (stream, line) => {
    const noise = stream === 'stderr' && request.noise.some((pattern) => pattern.test(line));
    if (stream === 'stderr' && !noise) lastLines.push(line);
    if (lastLines.length > shownLines) lastLines.shift();
    request.onLine(stream, line, noise);
  });
  const ended = await stoppable(child, exited, request);
  signalGroup(child, 'SIGKILL');
  const left = await request.endOrphans();
  await Promise.race([closed, drained()]);
  child.stdout.destroy();
  child.stderr.destroy();
  return ended.type === 'not-started' ? ended : { ...ended, lastLines, left };
}

function neverRan(exit: Exit): Ended {
  if (exit.type === 'not-started') return exit;
  throw new Error(`Internal error: a process without a number ended by ${exit.type}`);
}

/** Some causes reach us as an event, others (arguments that are too long) are thrown: then the code is returned. */
function start(request: ProcessRequest) {
  try {
    return spawn(request.program, request.args, {
      cwd: request.cwd,
      env: request.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}

type Exit =
  | { readonly type: 'exit'; readonly code: number }
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly type: 'not-started'; readonly errno: string };

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const errno = errnoOf(error);
      if (errno === undefined) reject(error);
      else resolve({ type: 'not-started', errno });
    });
    child.once('exit', (code, signal) => {
      if (signal !== null) resolve({ type: 'signal', signal });
      else resolve({ type: 'exit', code: code ?? 0 });
    });
  });
}

async function stoppable(
  child: ChildProcess,
  exited: Promise<Exit>,
  { signal, timeout, graceEnds }: ProcessRequest,
): Promise<Exit | { readonly type: 'timeout' }> {
  const limit = new AbortController();
  const limiting = timeout === null ? undefined : setTimeout(() => limit.abort(), timeout * 1000);
  let killing: NodeJS.Timeout | undefined;
  const killWhenDue = (asked: number) => {
    const left = graceEnds(asked) - performance.now();
    if (left > 0) killing = setTimeout(() => killWhenDue(asked), left);
    else signalGroup(child, 'SIGKILL');
  };
  // Asked once: a second SIGTERM, of a timeout while it saves for Ctrl-C, would end many a program at once.
  const stop = () => {
    if (killing !== undefined) return;
    signalGroup(child, 'SIGTERM');
    killWhenDue(performance.now());
  };
  const causes = [signal, limit.signal];
  for (const cause of causes) {
    if (cause.aborted) stop();
    else cause.addEventListener('abort', stop, { once: true });
  }
  try {
    const exit = await exited;
    // A shell ends at once; what it started has as long to save as it would have without one.
    while (killing !== undefined && isLedGroupRunning(child)) await pause(lookMs);
    return limit.signal.aborted ? { type: 'timeout' } : exit;
  } finally {
    for (const cause of causes) cause.removeEventListener('abort', stop);
    clearTimeout(killing);
    clearTimeout(limiting);
  }
}

/** A group may be gone already, or be no longer ours. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH' && errnoOf(error) !== 'EPERM') throw error;
  }
}

function isLedGroupRunning({ pid }: ChildProcess): boolean {
  return pid !== undefined && isGroupRunning(pid);
}

/** Nobody would end later what nobody knows of: where its group cannot be told, it is ended at once. */
async function tellGroup(
  child: ChildProcess,
  group: number,
  { onGroup, endOrphans }: ProcessRequest,
): Promise<void> {
  try {
    onGroup(group);
  } catch (error) {
    signalGroup(child, 'SIGKILL');
    await endOrphans();
    throw error;
  }
}

function readLines(child: ChildProcess, onLine: (stream: 'stdout' | 'stderr', line: string) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const lines = new Lines((line) => onLine(name, cutLine(line)));
    child[name]?.on('data', (bytes: Buffer) => lines.add(bytes));
    child[name]?.once('close', () => lines.end());
  }
}

/**
 * By then all is read that the process had printed, also where this one got no time of the processor meanwhile: what is
 * ready is read between the end of a timer and `setImmediate`.
 */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => setImmediate(resolve), drainMs).unref();
  });
}
