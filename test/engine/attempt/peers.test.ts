import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeSelf, processState } from '../../../cache/holder.ts';
import { attemptFolder, createAttempt } from '../../../engine/attempt/folder.ts';
import type { Job } from '../../../engine/attempt/job.ts';
import { standAmong, sweepAttempts } from '../../../engine/attempt/peers.ts';
import { pipelineOf, tempFolder } from '../pipelines.ts';

const [stage] = pipelineOf('/', { stage: { outs: { out: 'out.txt' } } }).stages.values();

/** Enters an attempt as the engine does; its holder is this process unless it is said to be dead. */
function enter(attempts: string, id: string, key = 'k', alive = true): void {
  if (stage === undefined) throw new Error('Internal error: no stage');
  const { checkpoint, tmp } = attemptFolder(attempts, id);
  const job: Job = {
    version: 1,
    attempt: id,
    stage: 'stage',
    key,
    bundle: null,
    workers: {},
    params: {},
    deps: {},
    outs: {},
    checkpoint,
    checkpointEvery: 600,
    logs: join(attempts, 'logs'),
    tmp,
    cores: 1,
    runtime: null,
  };
  const self = describeSelf(id);
  createAttempt(attempts, stage, job, alive ? { ...self } : { ...self, startTime: '1' }, {});
}

function attemptsFolder(): string {
  const attempts = join(tempFolder(), 'attempts');
  mkdirSync(attempts);
  return attempts;
}

const standOf = (attempts: string, id: string) => standAmong(attempts, 'k', id).type;

test('an attempt that looked before an older one came goes on, and the older one does not', () => {
  const attempts = attemptsFolder();
  enter(attempts, '2');
  expect(standOf(attempts, '2')).toBe('alone');
  enter(attempts, '1');
  expect(standOf(attempts, '1')).toBe('ahead');
});

test('of attempts that all see each other the younger ones give way to the oldest', () => {
  const attempts = attemptsFolder();
  for (const id of ['1', '2', '3']) enter(attempts, id);
  expect(['1', '2', '3'].map((id) => standOf(attempts, id))).toEqual(['ahead', 'behind', 'behind']);
});

test('attempts on other keys and those of dead engines count for nothing', () => {
  const attempts = attemptsFolder();
  enter(attempts, '1', 'other');
  enter(attempts, '2', 'k', false);
  enter(attempts, '3');
  expect(standOf(attempts, '3')).toBe('alone');
});

/** A process in a group whose leader, which is no more, gave the group its number. */
async function leaderless(): Promise<{ readonly group: number; readonly pid: number }> {
  const shell = spawn('/bin/sh', ['-c', 'sleep 300 > /dev/null & echo $!'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(shell, 'exit');
  const [line] = (await once(shell.stdout, 'data')) as [Buffer];
  await exited;
  const pid = Number(line.toString());
  onTestFinished(() => {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return { group: shell.pid ?? 0, pid };
}

const isRunning = (pid: number): boolean => processState(pid)?.zombie === false;

test.each([
  ['this boot', {}, false],
  ['an earlier boot', { bootId: 'another' }, true],
  ['another pid namespace', { pidNamespace: 'pid:[1]' }, true],
])(
  'a group that a dead attempt noted in %s is ended only if its number still means the same',
  async (_, other, spared) => {
    const attempts = attemptsFolder();
    enter(attempts, '1', 'k', false);
    const { group, pid } = await leaderless();
    const folder = attemptFolder(attempts, '1');
    const { bootId, pidNamespace } = describeSelf('');
    writeFileSync(folder.group, JSON.stringify({ group, bootId, pidNamespace, ...other }));
    await sweepAttempts(attempts);
    expect(isRunning(pid)).toBe(spared);
    expect(existsSync(folder.root)).toBe(false);
  },
);
