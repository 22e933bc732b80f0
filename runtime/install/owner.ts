import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256 } from '../../base/digest.ts';

/** `PID-START-SPACE`: names one process for ever, also after its number is used again. */
export type OwnerToken = string & { readonly __brand: 'OwnerToken' };

export type OwnerState =
  | 'alive'
  | 'dead'
  /** Of another machine, container or boot: cannot be judged from here. */
  | 'elsewhere';

/** The token of a process on this machine; `undefined` when it is gone. */
export function tokenOf(pid: number): OwnerToken | undefined {
  if (!isThere(pid)) return undefined;
  const start = startTime(pid);
  return start === undefined ? undefined : (`${pid}-${start}-${space()}` as OwnerToken);
}

export function ownerState(text: string): OwnerState {
  const [pid, start, where] = text.split('-');
  if (pid === undefined || start === undefined || where !== space()) return 'elsewhere';
  return tokenOf(Number(pid)) === text ? 'alive' : 'dead';
}

/** The process number in a token. */
export function pidOf(token: string): number {
  return Number(token.split('-')[0]);
}

/** Numbers of processes mean the same to two processes exactly if host, boot and pid namespace are the same. */
function space(): string {
  const boot = readOr('/proc/sys/kernel/random/boot_id', (file) => readFileSync(file, 'utf8'));
  const namespace = readOr('/proc/self/ns/pid', (file) => readlinkSync(file));
  return sha256(`${hostname()}\n${boot}\n${namespace}`).slice(0, 8);
}

/** Clock ticks since boot at which a process started; '0' where the system has no /proc; undefined for a zombie. */
function startTime(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, (file) => readFileSync(file, 'utf8'));
  if (stat === '') return '0';
  // The name in brackets may hold spaces: fields are counted after it. State is the 3rd field, start the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? '0');
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readOr(file: string, read: (file: string) => string): string {
  try {
    return read(file);
  } catch {
    return '';
  }
}
