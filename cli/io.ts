import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { fail, ok, type Result } from '../base/fault.ts';
import { asSystemError, sayErrno } from '../base/system-error.ts';
import { exitCodes } from './exit-codes.ts';
import { ansiPaint, noPaint, type Paint } from '../ui/roles.ts';

/** What a command may touch of the process it runs in. */
export interface Io {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /**
   * Writes to stdout as it is. Where that cannot be, the rest is dropped, and what is being made goes on; the exit code is 1
   * at the end, unless it is only that the reader went away (`ers ls | head`).
   */
  readonly write: (text: string) => void;
  /** The same to stderr. */
  readonly writeError: (text: string) => void;
  /** Writes a line to stdout. */
  readonly out: (line: string) => void;
  /** Writes a line to stderr. */
  readonly err: (line: string) => void;
  /** Colours for stdout, or none. */
  readonly paint: Paint;
  /** Somebody sits before a terminal that can redraw. */
  readonly interactive: boolean;
  /** The command line asks for JSON, so that faults are told as JSON too. */
  readonly json: boolean;
}

/** Where the user stands. Faults: ERS_USAGE, that folder was removed. */
export function currentFolder(): Result<string> {
  try {
    return ok(process.cwd());
  } catch (error) {
    if (asSystemError(error)?.code !== 'ENOENT') throw error;
    return fail({
      code: 'ERS_USAGE',
      message: 'The folder that you are in was removed.',
      hint: 'Go to your project: cd …',
    });
  }
}

/**
 * The process's own streams for the command line `argv`, given in the folder `cwd`. Call once: it puts handlers for closed
 * pipes in place.
 */
export function processIo(argv: readonly string[], cwd: string): Io {
  const { stdout, stderr } = process;
  // A copy: what a library sets later (React's mode) is not what the user gave. Without a prototype: `env: [toString]` names none.
  const env = Object.assign(Object.create(null) as NodeJS.ProcessEnv, process.env);
  endWithTerminal();
  const writeError = safeWriter(stderr, () => undefined);
  const write = safeWriter(stdout, (code) => {
    // Whoever only reads a few lines (`ers ls | head`) has got what it wanted.
    if (code === 'EPIPE') return;
    // What a terminal that was closed says: `endWithTerminal` ends the process.
    if (code === 'EIO' && stdout.isTTY) return;
    process.once('exit', () => (process.exitCode ||= exitCodes.failed));
    writeError(`What ers has to say could not be written to stdout: ${sayErrno(code)}.\n`);
  });
  const colour = wantsColour(stdout.isTTY, env);
  return {
    cwd,
    env,
    stdout,
    stderr,
    now: Date.now,
    write,
    writeError,
    out: (line) => write(`${line}\n`),
    err: (line) => writeError(`${line}\n`),
    paint: colour ? ansiPaint : noPaint,
    interactive: isInteractive(stdout.isTTY, env),
    json: asksForJson(argv),
  };
}

/**
 * Lets a process that was stopped because its terminal was closed end by SIGHUP, and one that had left that terminal
 * (`setsid`) with its own exit code. Node would set the terminal back, and where it finds none it aborts and may leave a core
 * file; what is closed it lets be. The terminal itself is asked, at the end: whether anything was still written to it after it
 * was closed is a matter of milliseconds.
 */
function endWithTerminal(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  if (terminals.length === 0) return;
  process.once('exit', (code) => {
    const gone = terminals.filter((fd) => !isatty(fd));
    if (gone.length > 0 && code === exitCodes.interrupted) {
      process.removeAllListeners('SIGHUP');
      process.kill(process.pid, 'SIGHUP');
    }
    for (const fd of gone) closeSync(fd);
  });
}

/** Told before the command line is parsed, since what is wrong with it is told in the same way. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}

/** https://no-color.org and FORCE_COLOR, as Node itself reads them. */
export function wantsColour(isTTY: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTTY === true && env['TERM'] !== 'dumb';
}

/** A terminal, not CI (the rule that Ink has too) and able to move its cursor. */
export function isInteractive(isTTY: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  const set = (name: string): boolean => {
    const value = env[name];
    return value !== undefined && value !== '0' && value !== 'false';
  };
  return isTTY === true && !set('CI') && !set('CONTINUOUS_INTEGRATION') && env['TERM'] !== 'dumb';
}

function safeWriter(stream: NodeJS.WriteStream, onLost: (code: string) => void): (text: string) => void {
  let open = true;
  // Whatever keeps the words from being written, a full disk say, is no reason to end what is being made.
  stream.on('error', (error: Error) => {
    if (open) onLost(asSystemError(error)?.code ?? error.message);
    open = false;
  });
  return (text) => {
    if (open) stream.write(text);
  };
}
