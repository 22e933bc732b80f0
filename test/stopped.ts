import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { asSystemError } from '../base/system-error.ts';

/** Whether a process stands still, as `ERS_TEST_STOP_AT` makes it. One that has ended does not. */
export function isStopped(pid: number): boolean {
  if (process.platform === 'linux') return /\) T /.test(fromProc(pid, 'stat'));
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.startsWith('T');
}

/** Whether SIGTERM waits for a process that stands still. Elsewhere than on Linux nothing tells: then it is said to. */
export function isAskedToEnd(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  const [, pending = '0'] = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(fromProc(pid, 'status')) ?? [];
  // Signal 15 is the bit 14.
  return (BigInt(`0x${pending}`) & (1n << 14n)) !== 0n;
}

/** Sends a signal to a process that may have ended meanwhile. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (asSystemError(error)?.code !== 'ESRCH') throw error;
  }
}

function fromProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (error) {
    if (asSystemError(error) === undefined) throw error;
    return '';
  }
}
