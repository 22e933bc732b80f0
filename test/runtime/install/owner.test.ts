import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ownerState, pidOf, tokenOf } from '../../../runtime/install/owner.ts';

test('A process is alive under its own token, dead after its end, and dead when its number has a new owner', async () => {
  const own = tokenOf(process.pid) ?? '';
  expect(pidOf(own)).toBe(process.pid);
  expect(ownerState(own)).toBe('alive');
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  const token = tokenOf(child.pid ?? 0) ?? '';
  expect(ownerState(token)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(ownerState(token)).toBe('dead');
});

test.runIf(process.platform === 'linux')('Another start time is another process', () => {
  const [pid, start, space] = (tokenOf(process.pid) ?? '').split('-');
  expect(ownerState(`${pid ?? ''}-${Number(start) - 1}-${space ?? ''}`)).toBe('dead');
});

test('A token of another machine, container or boot cannot be judged', () => {
  expect(ownerState(`${process.pid}-1-00000000`)).toBe('elsewhere');
  expect(ownerState('')).toBe('elsewhere');
});
