import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from './errno.ts';

/** Who holds an attempt, told so that no other process can be mistaken for it. */
export interface Holder {
  /** Host name and a digest of the machine's id: two hosts may share a name. */
  readonly host: string;
  /** `pid:[4026531836]`; '' where the system has no pid namespaces. */
  readonly pidNamespace: string;
  readonly bootId: string;
  readonly pid: number;
  /** In the system's own form and unit; a pid used again has another one. */
  readonly startTime: string;
  readonly attempt: string;
}

/** This process as the holder of an attempt or a run. */
export function describeSelf(attempt: string): Holder {
  const startTime = processState(process.pid)?.startTime ?? '';
  return { ...here(), pid: process.pid, startTime, attempt };
}

/**
 * `unknown` for a holder on another host or in another pid namespace: it must never be judged. A zombie is dead.
 * `sayStart` gives a start time the form that the holder's has.
 */
export function isAlive(
  holder: Holder,
  sayStart = (startTime: string): string => startTime,
): 'alive' | 'dead' | 'unknown' {
  const own = here();
  if (holder.host !== own.host || holder.pidNamespace !== own.pidNamespace) return 'unknown';
  if (holder.bootId !== own.bootId) return machineId() === '' ? 'unknown' : 'dead';
  const state = processState(holder.pid);
  if (state === undefined) return isHidden(holder.pid) ? 'unknown' : 'dead';
  return state.zombie || sayStart(state.startTime) !== holder.startTime ? 'dead' : 'alive';
}

/** Whether this very process is the holder, whatever it holds. */
export function isSelf(holder: Holder): boolean {
  if (holder.pid !== process.pid) return false;
  return sealOf(holder) === sealOf(describeSelf(holder.attempt));
}

/** With a checksum: a holder whose host was damaged on the disk would be waited for, since nobody may judge it. */
export function sealHolder(holder: Holder): Holder & { readonly seal: string } {
  return { ...holder, seal: sealOf(holder) };
}

function sealOf({ host, pidNamespace, bootId, pid, startTime, attempt }: Holder): string {
  const text = JSON.stringify([host, pidNamespace, bootId, pid, startTime, attempt]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Checks what was read from a file before it is trusted as a holder. */
export function parseHolder(value: unknown): Holder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { host, pidNamespace, bootId, pid, startTime, attempt, seal } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  if (typeof host !== 'string' || typeof pidNamespace !== 'string' || typeof bootId !== 'string')
    return undefined;
  if (typeof startTime !== 'string' || typeof attempt !== 'string') return undefined;
  const holder = { host, pidNamespace, bootId, pid, startTime, attempt };
  return seal === undefined || seal === sealOf(holder) ? holder : undefined;
}

/** What the system says of a process. Start times compare only as texts, on one host. */
export interface ProcessState {
  readonly zombie: boolean;
  readonly startTime: string;
  readonly group: number;
  readonly session: number;
}

/** Undefined if there is no such process, or none that may be seen. */
export function processState(pid: number): ProcessState | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

type Place = Pick<Holder, 'host' | 'pidNamespace' | 'bootId'>;
let place: Place | undefined;

/** Host, namespace and boot of this process: none of them changes while it lives. */
function here(): Place {
  place ??= {
    host: `${hostname()}:${createHash('sha256').update(machineId()).digest('hex').slice(0, 12)}`,
    pidNamespace: process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '',
    bootId:
      process.platform === 'linux'
        ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
        : command('sysctl', '-n', 'kern.bootsessionuuid'),
  };
  return place;
}

/** Empty where the machine has none, as in many containers. */
export function machineId(): string {
  if (process.platform !== 'linux') return command('sysctl', '-n', 'kern.uuid');
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch (error) {
    // Containers often have none; their host name is an id already.
    if (errnoOf(error) === undefined) throw error;
    return '';
  }
}

/** Fields of /proc/PID/stat after the parenthesised name, which may itself hold spaces and parentheses (proc(5)). */
function fromProc(pid: number): ProcessState | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    // ENOENT before it is opened, ESRCH if the process ends meanwhile.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', , group = '', session = ''] = fields;
  return {
    zombie: state === 'Z' || state === 'X',
    startTime: fields[19] ?? '',
    group: Number(group),
    session: Number(session),
  };
}

function fromPs(pid: number): ProcessState | undefined {
  const line = command('ps', '-o', 'stat=,pgid=,sess=,lstart=', '-p', String(pid));
  const [, state, group, session, startTime] = /^(\S+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
  if (state === undefined || startTime === undefined) return undefined;
  return { zombie: state.startsWith('Z'), startTime, group: Number(group), session: Number(session) };
}

/** A process that exists but that /proc hides from us (mount option hidepid). */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return errnoOf(error) !== 'ESRCH';
  }
}

/** Output of a program that asks the system; '' where it fails, since `ps -p` does so for a pid that is gone. */
function command(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return '';
  }
}
