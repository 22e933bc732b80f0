import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { errnoOf } from './errno.ts';
import { processState } from './holder.ts';

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
  return pids().filter((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`);
      return Buffer.concat([Buffer.of(0), environment, Buffer.of(0)]).includes(mark);
    } catch (error) {
      // Ended meanwhile, or of another user and thus not of this attempt.
      if (errnoOf(error) === undefined) throw error;
      return false;
    }
  });
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
