import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import {
  describeSelf,
  isAlive,
  machineId,
  parseHolder,
  processState,
  type Holder,
} from '../../cache/holder.ts';
import { endOrphans, orphansOf } from '../../cache/orphans.ts';
import { temporaryFolder } from './helpers.ts';

/** Starts a shell that prints a line when it is ready, and returns it with the words of that line. */
async function start(script: string, attempt?: string): Promise<{ child: ChildProcess; words: number[] }> {
  const env = { ...process.env, ...(attempt === undefined ? {} : { ERS_ATTEMPT: attempt }) };
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, words: line.toString().trim().split(' ').map(Number) };
}

/** However long it takes: the test's own limit ends what never comes. */
async function comesTrue(fact: () => boolean): Promise<void> {
  while (!fact()) await pause(5);
}

/** Numbers of processes are used again from 2 on: a child may have a smaller one than its parent. */
const sorted = (pids: readonly number[]): readonly number[] => pids.toSorted((a, b) => a - b);

function holderOf(pid: number): Holder {
  return { ...describeSelf('x'), pid, startTime: processState(pid)?.startTime ?? '' };
}

test('this process is alive and comes back from JSON', () => {
  const self = describeSelf('attempt-1');
  expect(isAlive(self)).toBe('alive');
  expect(parseHolder(JSON.parse(JSON.stringify(self)))).toEqual(self);
});

test('a holder with this pid that started at another time is dead', () => {
  expect(isAlive({ ...describeSelf('x'), startTime: '1' })).toBe('dead');
});

test('a holder of another boot is dead, unless nothing says that it was on this machine', () => {
  const isNamed = machineId() !== '';
  expect(isAlive({ ...describeSelf('x'), bootId: 'an earlier boot' })).toBe(isNamed ? 'dead' : 'unknown');
});

test('a holder on another host or in another pid namespace is never judged', () => {
  const self = describeSelf('x');
  expect(isAlive({ ...self, host: 'elsewhere:000', startTime: '1' })).toBe('unknown');
  expect(isAlive({ ...self, pidNamespace: 'pid:[1]', startTime: '1' })).toBe('unknown');
  expect(isAlive({ ...self, host: 'elsewhere:000', bootId: 'other' })).toBe('unknown');
  expect(isAlive({ ...self, pidNamespace: 'pid:[1]', bootId: 'other' })).toBe('unknown');
});

test('a process that ended is dead', async () => {
  const { child } = await start('echo 1; exec sleep 300');
  const holder = holderOf(child.pid ?? 0);
  expect(isAlive(holder)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(holder)).toBe('dead');
});

test('a zombie is dead', async (context) => {
  context.skip(process.platform !== 'linux', 'reads /proc');
  // The shell's child ends at once and is never waited for, since `exec` replaces the shell by sleep.
  const { words } = await start('sleep 0 & echo $!; exec sleep 300');
  const [pid = 0] = words;
  await comesTrue(() => processState(pid)?.zombie === true);
  expect(isAlive(holderOf(pid))).toBe('dead');
});

test.each([
  undefined,
  null,
  'text',
  {},
  { ...describeSelf('x'), pid: -1 },
  { ...describeSelf('x'), host: 3 },
])('what is no holder is refused: %j', (value) => {
  expect(parseHolder(value)).toBeUndefined();
});

test('ending orphans ends children, a setsid child and one that ignores SIGTERM, and nobody else', async () => {
  const attempt = randomUUID();
  const stranger = await start('echo 1; exec sleep 300', randomUUID());
  const { child, words } = await start(
    `trap '' TERM; sleep 300 & a=$!; setsid sleep 300 & echo $a $!; while :; do wait; done`,
    attempt,
  );
  const all = [child.pid ?? 0, ...words];
  // All three were forked before the line was printed, with the environment of the shell.
  expect(sorted(orphansOf(attempt))).toEqual(sorted(all));
  await endOrphans(attempt, { graceMs: 100 });
  expect(orphansOf(attempt)).toEqual([]);
  expect(all.map((pid) => processState(pid)?.zombie ?? true)).toEqual(all.map(() => true));
  expect(processState(stranger.child.pid ?? 0)?.zombie).toBe(false);
});

test('a process that becomes another program again and again is known at every moment', async () => {
  const attempt = randomUUID();
  const again = join(temporaryFolder(), 'again.sh');
  writeFileSync(again, 'exec /bin/sh "$0"\n');
  const { child } = await start(`echo 1; exec /bin/sh '${again}'`, attempt);
  const seen = new Set(Array.from({ length: 100 }, () => orphansOf(attempt).join(' ')));
  expect([...seen]).toEqual([String(child.pid)]);
});

test('a group member that cleared its environment is ended with its group', async () => {
  const attempt = randomUUID();
  const { child, words } = await start('env -i sleep 300 & echo $!; wait', attempt);
  const [pid = 0] = words;
  await comesTrue(() => !orphansOf(attempt).includes(pid));
  expect(orphansOf(attempt)).toEqual([child.pid]);
  expect(sorted(orphansOf(attempt, child.pid))).toEqual(sorted([child.pid ?? 0, pid]));
  await endOrphans(attempt, { ...(child.pid === undefined ? {} : { group: child.pid }) });
  expect(processState(pid)?.zombie ?? true).toBe(true);
});

test('a group number that a stranger uses now is left alone', async () => {
  const { child } = await start('echo 1; exec sleep 300');
  await endOrphans(randomUUID(), { ...(child.pid === undefined ? {} : { group: child.pid }) });
  expect(processState(child.pid ?? 0)?.zombie).toBe(false);
});
