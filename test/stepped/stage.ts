import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/**
 * Stages that the test steps by hand. `stepped()` is a stage's program: a real process that connects to the test when
 * the engine starts it, and then writes, reads, speaks and ends only at the test's word. So a test says what happens
 * before what, and nothing sleeps or polls.
 *
 *     const stage = await stepped();
 *     pipelineOf(root, { slow: { cmd: stage.cmd({ out: '{outs.out}' }), outs: { out: 'out.txt' } } });
 *     const running = runOnce(pipeline);
 *     const life = await stage.started();
 *     await life.write('out', 'half');
 *     life.finish();
 */
export interface Stepped {
  /** The argument vector for `cmd:`. What it names (`{ out: '{outs.out}' }`) is what `write` and `read` may reach. */
  readonly cmd: (names?: Readonly<Record<string, string>>) => readonly string[];
  /** The next start of the program that no call has taken yet, whether it is over or still to come. */
  readonly started: () => Promise<Life>;
  /** How often it has been started. */
  readonly starts: number;
}

/** One process of a stepped stage. Each deed resolves when it is done; a path is a name, or `name/sub/path`. */
export interface Life {
  readonly pid: number;
  /** `ERS_ATTEMPT` as the process sees it. */
  readonly attempt: string;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly append: (path: string, text: string) => Promise<void>;
  readonly read: (path: string) => Promise<string>;
  readonly list: (path: string) => Promise<readonly string[]>;
  /** Prints a line to stdout. */
  readonly say: (line: string) => Promise<void>;
  /** Runs a line of `/bin/sh` and returns its exit code. */
  readonly shell: (command: string) => Promise<number>;
  /** From now on SIGTERM and SIGINT are told to the test (`signalled`) and do nothing else. */
  readonly holdSignals: () => Promise<void>;
  readonly signalled: Promise<NodeJS.Signals>;
  /** Ends with exit code 0. */
  readonly finish: () => Promise<void>;
  /** Ends with another exit code, 1 if none is named. */
  readonly fail: (code?: number) => Promise<void>;
  /** Resolves when the process is gone, whoever ended it. */
  readonly ended: Promise<void>;
}

const program = join(import.meta.dirname, 'child.mjs');

/** Made within a test: what is still running when the test ends is let go. */
export async function stepped(): Promise<Stepped> {
  const folder = mkdtempSync(join(tmpdir(), 'ers-stepped-'));
  const socket = join(folder, 'socket');
  const lives: Life[] = [];
  const sockets = new Set<Socket>();
  const waiting: ((life: Life) => void)[] = [];
  let starts = 0;
  const server = createServer((line) => {
    sockets.add(line);
    void greet(line).then((life) => {
      starts += 1;
      const next = waiting.shift();
      if (next === undefined) lives.push(life);
      else next(life);
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const line of sockets) line.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    cmd: (names = {}) => [
      process.execPath,
      program,
      socket,
      ...Object.entries(names).map(([name, path]) => `${name}=${path}`),
    ],
    started: () => {
      const life = lives.shift();
      return life === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(life);
    },
    get starts() {
      return starts;
    },
  };
}

interface Message {
  readonly pid?: number;
  readonly attempt?: string;
  readonly done?: unknown;
  readonly refused?: string;
  readonly signal?: NodeJS.Signals;
}

const over = 'the stepped stage ended before it answered';

/** Waits for the process's first word. */
function greet(line: Socket): Promise<Life> {
  const ended = once(line, 'close').then(() => undefined);
  const signal = deferred<NodeJS.Signals>();
  const hello = deferred<Life>();
  const answers: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }[] =
    [];
  // A process that was killed closes its socket with an error; `ended` tells of it.
  line.on('error', () => line.destroy());
  line.on('close', () => {
    for (const { reject } of answers.splice(0)) reject(new Error(over));
  });
  const ask = <T>(deed: string, ...args: readonly string[]): Promise<T> =>
    new Promise<unknown>((resolve, reject) => {
      if (line.destroyed) reject(new Error(over));
      else {
        answers.push({ resolve, reject });
        line.write(`${JSON.stringify({ deed, args })}\n`);
      }
    }) as Promise<T>;
  const end = (exit: number): Promise<void> => {
    line.write(`${JSON.stringify({ exit })}\n`);
    return ended;
  };
  createInterface({ input: line }).on('line', (text) => {
    const message = JSON.parse(text) as Message;
    if (message.signal !== undefined) signal.resolve(message.signal);
    else if (message.pid !== undefined) hello.resolve(lifeOf(message.pid, message.attempt ?? ''));
    else if (message.refused === undefined) answers.shift()?.resolve(message.done);
    else answers.shift()?.reject(new Error(message.refused));
  });
  const lifeOf = (pid: number, attempt: string): Life => ({
    pid,
    attempt,
    write: (path, text) => ask('write', path, text),
    append: (path, text) => ask('append', path, text),
    read: (path) => ask('read', path),
    list: (path) => ask('list', path),
    say: (text) => ask('say', text),
    shell: (command) => ask('shell', command),
    holdSignals: () => ask('holdSignals'),
    signalled: signal.promise,
    finish: () => end(0),
    fail: (code = 1) => end(code),
    ended,
  });
  return hello.promise;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred<T>(): Deferred<T> {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return { promise, resolve: (value) => settle(value) };
}
