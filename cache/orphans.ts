import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { errnoOf } from './errno.ts';
import { processState } from './holder.ts';

/** How long all processes together are looked at that show no environment yet, ms. */
const becomingMs = 1000;
/** Nobody changes it: waiting on it is pausing. */
const still = new Int32Array(new SharedArrayBuffer(4));

export interface OrphanOptions {
  /** The process group that the attempt's child was started in (its pid, started detached), if it is recorded. */
  readonly group?: number;
  /** How long SIGTERM may take before SIGKILL follows, ms. */
  readonly graceMs?: number;
}

/**
 * Ends every process of an attempt: all with `ERS_ATTEMPT=ID` in their environment (a `setsid` child leaves the
 * group but keeps its environment) and those of its process group. SIGTERM, then SIGKILL. Resolves with those that are
 * left: another user's, or stuck in the kernel, so that they outlived SIGKILL by 5 s.
 */
export async function endOrphans(attempt: string, options: OrphanOptions = {}): Promise<readonly number[]> {
  const { group, graceMs = 2000 } = options;
  const refused = new Set<number>();
  const find = (): readonly number[] => orphansOf(attempt, group).filter((pid) => !refused.has(pid));
  const ended =
    (await gone(find, 'SIGTERM', graceMs, refused)) || (await gone(find, 'SIGKILL', 5000, refused));
  return ended && refused.size === 0 ? [] : orphansOf(attempt, group);
}

/** The living processes of an attempt, this one excepted. */
export function orphansOf(attempt: string, group?: number): readonly number[] {
  const marked = process.platform === 'linux' ? markedInProc(attempt) : markedInPs(attempt);
  const inGroup = group === undefined ? [] : membersOf(group, marked);
  return [...new Set([...marked, ...inGroup])].filter((pid) => pid !== process.pid && isRunning(pid));
}

/** Whether a process runs in the group that a child of ours led, which itself has ended. */
export function isGroupRunning(group: number): boolean {
  return membersOf(group, []).some(isRunning);
}

/**
 * Sends the signal once to each process found, also to those that appear meanwhile, until none is found. `refused`
 * gets those that may not be sent any.
 */
async function gone(
  find: () => readonly number[],
  signal: NodeJS.Signals,
  limitMs: number,
  refused: Set<number>,
): Promise<boolean> {
  const end = performance.now() + limitMs;
  const told = new Set<number>();
  for (;;) {
    const found = find();
    if (found.length === 0) return true;
    if (performance.now() > end) return false;
    for (const pid of found) {
      if (!told.has(pid) && !send(pid, signal)) refused.add(pid);
      told.add(pid);
    }
    await pause(20);
  }
}

/**
 * Members of a group that has no mark: only of the session that the child led, and only while no stranger leads it,
 * since the number of a group that ended may be used again.
 */
function membersOf(group: number, marked: readonly number[]): readonly number[] {
  const leader = processState(group);
  if (leader !== undefined && !leader.zombie && !marked.includes(group)) return [];
  return pids().filter((pid) => {
    const state = processState(pid);
    return state?.group === group && (process.platform !== 'linux' || state.session === group);
  });
}

function pids(): readonly number[] {
  if (process.platform === 'linux') return readdirSync('/proc').filter(isNumber).map(Number);
  return ps('pid=').map(Number);
}

function markedInProc(attempt: string): readonly number[] {
  const mark = Buffer.from(`\0ERS_ATTEMPT=${attempt}\0`);
  const end = performance.now() + becomingMs;
  return pids().filter((pid) => {
    try {
      return Buffer.concat([Buffer.of(0), environmentOf(pid, end), Buffer.of(0)]).includes(mark);
    } catch (error) {
      // Ended meanwhile, or of another user and thus not of this attempt.
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  });
}

/**
 * A process that is just becoming another program (`exec`) shows no environment for a moment, in which nobody could tell
 * whose it is: it is looked at until it shows one, has none, or `end` is over, on the clock of `performance.now()`.
 */
function environmentOf(pid: number, end: number): Buffer {
  for (;;) {
    const environment = readFileSync(`/proc/${pid}/environ`);
    if (environment.length > 0 || !isBecoming(pid) || performance.now() > end) return environment;
    Atomics.wait(still, 0, 0, 1);
  }
}

/**
 * Has memory that is not laid out yet, or has an environment in it: fields 23 (vsize), 26 (startcode, set last), 50 and 51
 * (env_start, env_end) of /proc/PID/stat (proc(5)), counted here from the third.
 */
function isBecoming(pid: number): boolean {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [memory, code, start, end] = [fields[20], fields[23], fields[47], fields[48]];
  return memory !== '0' && (code === '0' || start !== end);
}

/** `ps -E` prints the environment after the command (macOS). */
function markedInPs(attempt: string): readonly number[] {
  const mark = `ERS_ATTEMPT=${attempt}`;
  return ps('pid=,command=', '-E')
    .filter((line) => line.split(' ').includes(mark))
    .map((line) => Number.parseInt(line, 10));
}

function ps(columns: string, ...flags: readonly string[]): readonly string[] {
  const args = ['-axww', ...flags, '-o', columns];
  const text = execFileSync('ps', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** False if it may not be sent any. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) === 'EPERM') return false;
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
  return true;
}

function isRunning(pid: number): boolean {
  return processState(pid)?.zombie === false;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
