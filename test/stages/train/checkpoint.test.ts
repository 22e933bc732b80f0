import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { FaultError } from '../../../base/fault.ts';
import { loadBest, loadCheckpoint, saveCheckpoint } from '../../../stages/train/checkpoint.ts';
import { beginning } from '../../../stages/train/progress.ts';
import { mount } from '../../cache/mount.ts';
import { script, type Script } from '../../runtime/child.ts';
import { tempFolder } from '../../temp-folder.ts';

const identity = sha256('this training');

/** Of a folder whose neighbour `tmp` may be written to. */
function placeOf(dir: string) {
  const tmp = join(dirname(dir), 'tmp');
  mkdirSync(tmp, { recursive: true });
  return { dir, tmp, identity };
}

/** A new place on a disk of so little space, or on that of all tests. */
function place(disk: string = tempFolder('ers-checkpoint-')): string {
  const dir = join(disk, 'checkpoint');
  mkdirSync(dir);
  return dir;
}

/** The end of an epoch whose weights are so many numbers, all the epoch's own. */
async function save(dir: string, epoch: number, best: number, size = 1000): Promise<void> {
  const progress = { ...beginning, epoch: epoch + 1, best: { epoch: best, valIou: best / 10 } };
  const state = new Map([['w', new Float32Array(size).fill(epoch)]]);
  await saveCheckpoint(placeOf(dir), { progress, state, environment: {} });
}

/** The epoch that a checkpoint leads to, a number of its weights, and one of the best weights. */
async function stands(dir: string): Promise<readonly unknown[]> {
  const found = await loadCheckpoint(dir, identity);
  if (found.status !== 'loaded') return [found.status];
  const { progress, state } = found.checkpoint;
  const best = progress.best === null ? undefined : await loadBest(dir, identity, progress.best);
  return [progress.epoch, state.get('w')?.[0], best?.state.get('w')?.[0]];
}

const file = (epoch: number) => `state-0000000${epoch}-00000000.safetensors`;

describe('a process that is killed while it saves', () => {
  const home = mkdtempSync(join(tmpdir(), 'ers-saving-'));
  let saving: Script;
  beforeAll(async () => {
    saving = await script(`
      import { sha256 } from './base/digest.ts';
      import { saveCheckpoint } from './stages/train/checkpoint.ts';
      import { beginning } from './stages/train/progress.ts';
      const [, , dir, tmp, ...bests] = process.argv;
      for (const [at, best] of bests.map(Number).entries()) {
        const progress = { ...beginning, epoch: at + 2, best: { epoch: best, valIou: best / 10 } };
        const state = new Map([['w', new Float32Array(1000).fill(at + 1)]]);
        await saveCheckpoint({ dir, tmp, identity: sha256('this training') }, { progress, state, environment: {} });
      }
    `);
  });
  afterAll(() => {
    saving.remove();
    rmSync(home, { recursive: true });
  });

  // Three epochs: the first is the best one of two, the third one is better or is not.
  test.each([
    ['save:begun#3', 3, [3, 2, 1]],
    ['save:written#3', 3, [3, 2, 1]],
    ['save:there#3', 3, [4, 3, 3]],
    ['save:ended#3', 3, [4, 3, 3]],
    ['save:written#3', 1, [3, 2, 1]],
    ['save:there#3', 1, [4, 3, 1]],
    ['save:ended#3', 1, [4, 3, 1]],
  ])('at %s, where epoch %d is the best, leaves a checkpoint that stands at %o', async (point, best, at) => {
    const { dir, tmp } = placeOf(join(home, `${point}-${best}`, 'checkpoint'));
    mkdirSync(dir);
    const running = saving.start([dir, tmp, '1', '1', String(best)], { ERS_TEST_CRASH_AT: point });
    await running.ended;
    expect(running.process.signalCode).toBe('SIGKILL');
    expect(await stands(dir)).toEqual(at);
    // A draft is nothing that the next run could take for a checkpoint.
    expect(readdirSync(dir).filter((name) => !name.startsWith('state-'))).toEqual([]);
    // The next saving clears what the dead one left.
    await save(dir, 4, 4);
    expect([readdirSync(dir), readdirSync(tmp)]).toEqual([[file(5)], []]);
  });
});

test('the checkpoint of the best epoch stays beside the newest one, until there is a better one', async () => {
  const dir = place();
  await save(dir, 1, 1);
  expect(readdirSync(dir)).toEqual([file(2)]);
  await save(dir, 2, 1);
  await save(dir, 3, 1);
  expect(readdirSync(dir).sort()).toEqual([file(2), file(4)]);
  expect(await stands(dir)).toEqual([4, 3, 1]);
  await save(dir, 4, 4);
  expect(readdirSync(dir)).toEqual([file(5)]);
});

test('on a full disk the previous checkpoint is kept, with its best weights, and the fault says so', async (context) => {
  const dir = place(mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=1m', 'ers'));
  await save(dir, 1, 1, 50_000);
  await save(dir, 2, 1, 50_000);
  const fault = await save(dir, 3, 3, 200_000).catch((error: unknown) => error);
  expect(fault instanceof FaultError && fault.faults[0]).toMatchObject({
    code: 'ERS_DISK_FULL',
    message: 'The disk is full: the checkpoint could not be saved; the previous one is kept.',
  });
  expect(readdirSync(dir).sort()).toEqual([file(2), file(3)]);
  expect(await stands(dir)).toEqual([3, 2, 1]);
  await save(dir, 3, 3, 50_000);
  expect(await stands(dir)).toEqual([4, 3, 3]);
});

test('a full disk at the first saving is told without a previous checkpoint', async (context) => {
  const dir = place(mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=1m', 'ers'));
  const fault = await save(dir, 1, 1, 400_000).catch((error: unknown) => error);
  expect(fault instanceof FaultError && fault.faults[0]).toMatchObject({
    message: 'The disk is full: the first checkpoint could not be saved.',
    hint: 'Free some space and run again: training begins anew.',
  });
  expect(readdirSync(dir)).toEqual([]);
});

test('a history of any length lies outside of the header, whose length readers limit', async () => {
  const dir = place();
  const history = '{"loss":0.5,"é":"\\n"}\n'.repeat(100_000);
  const checkpoint = { progress: { ...beginning, history }, state: new Map(), environment: {} };
  await saveCheckpoint(placeOf(dir), checkpoint);
  const header = readFileSync(join(dir, 'state-00000001-00000000.safetensors')).readBigUInt64LE(0);
  expect(header).toBeLessThan(1000n);
  expect(await loadCheckpoint(dir, identity)).toEqual({ status: 'loaded', checkpoint });
});

test('of other parameters or data it is unusable', async () => {
  const dir = place();
  await save(dir, 1, 1);
  expect(await loadCheckpoint(dir, sha256('another training'))).toEqual({
    status: 'unusable',
    why: 'it belongs to other parameters or data',
  });
});

test('without its best weights, or with damaged ones, it is unusable', async () => {
  const dir = place();
  await save(dir, 1, 1);
  await save(dir, 2, 1);
  const unusable = { status: 'unusable', why: 'the best weights beside it are missing or damaged' };
  const best = join(dir, file(2));
  damage(best);
  expect(await loadCheckpoint(dir, identity)).toEqual(unusable);
  rmSync(best);
  expect(await loadCheckpoint(dir, identity)).toEqual(unusable);
});

test('where the newest one is damaged, the one of the best epoch before it is taken, and it is said why', async () => {
  const dir = place();
  await save(dir, 1, 1);
  await save(dir, 2, 1);
  damage(join(dir, file(3)));
  expect(await stands(dir)).toEqual([2, 1, 1]);
  expect(await loadCheckpoint(dir, identity)).toMatchObject({
    passedOver: 'its content does not match its digest',
  });
  damage(join(dir, file(2)));
  expect(await loadCheckpoint(dir, identity)).toEqual({
    status: 'unusable',
    why: 'its content does not match its digest',
  });
});

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
