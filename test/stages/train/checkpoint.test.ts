import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { FaultError } from '../../../base/fault.ts';
import { floats } from '../../../formats/safetensors.ts';
import { loadCheckpoint, saveBest, saveCheckpoint } from '../../../stages/train/checkpoint.ts';
import { beginning, type Best } from '../../../stages/train/progress.ts';
import { mount } from '../../cache/mount.ts';
import { script, type Script } from '../../runtime/child.ts';
import { tempFolder } from '../../temp-folder.ts';

const identity = sha256('this training');
const weights = (size: number, value: number) => new Map([['w', new Float32Array(size).fill(value)]]);

/** Epoch after epoch, each with weights of so many numbers and with the best weights so far. */
async function save(dir: string, epoch: number, size: number): Promise<void> {
  const tensors = new Map([['w', floats([size], new Float32Array(size).fill(epoch))]]);
  const best: Best = await saveBest(dir, { epoch, valIou: epoch / 10 }, tensors);
  const progress = { ...beginning, epoch: epoch + 1, best };
  await saveCheckpoint(dir, identity, { progress, state: weights(size, epoch), environment: {} });
}

/** The epoch that a checkpoint leads to, and the value of its weights. */
async function stands(dir: string): Promise<readonly unknown[]> {
  const found = await loadCheckpoint(dir, identity);
  if (found.status !== 'loaded') return [found.status];
  return [found.checkpoint.progress.epoch, found.checkpoint.state.get('w')?.[0]];
}

describe('a process that is killed while it saves', () => {
  const home = mkdtempSync(join(tmpdir(), 'ers-saving-'));
  let saving: Script;
  beforeAll(async () => {
    saving = await script(`
      import { sha256 } from './base/digest.ts';
      import { floats } from './formats/safetensors.ts';
      import { saveBest, saveCheckpoint } from './stages/train/checkpoint.ts';
      import { beginning } from './stages/train/progress.ts';
      const dir = process.argv[2];
      for (const epoch of [1, 2]) {
        const values = new Float32Array(1000).fill(epoch);
        const best = await saveBest(dir, { epoch, valIou: epoch / 10 }, new Map([['w', floats([1000], values)]]));
        const progress = { ...beginning, epoch: epoch + 1, best };
        const state = new Map([['w', values]]);
        await saveCheckpoint(dir, sha256('this training'), { progress, state, environment: {} });
      }
    `);
  });
  afterAll(() => {
    saving.remove();
    rmSync(home, { recursive: true });
  });

  // The best weights are passed third, the checkpoint that names them fourth.
  test.each([
    ['save:begun#3', 2, 1],
    ['save:written#3', 2, 1],
    ['save:there#3', 2, 1],
    ['save:begun#4', 2, 1],
    ['save:written#4', 2, 1],
    ['save:there#4', 3, 2],
    ['save:ended#2', 3, 2],
  ])('at %s leaves a checkpoint that leads to epoch %d', async (point, epoch, value) => {
    const dir = join(home, point);
    mkdirSync(dir);
    const running = saving.start([dir], { ERS_TEST_CRASH_AT: point });
    await running.ended;
    expect(running.process.signalCode).toBe('SIGKILL');
    expect(await stands(dir)).toEqual([epoch, value]);
    // The next saving clears what the dead one left.
    await save(dir, 3, 1000);
    expect(readdirSync(dir).sort()).toEqual(['best-0003.safetensors', 'state.safetensors']);
  });
});

test('on a full disk the previous checkpoint is kept, with its best weights, and the fault says so', async (context) => {
  const disk = mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=1m', 'ers');
  await save(disk, 1, 50_000);
  const files = readdirSync(disk).sort();
  const refusal = (error: unknown) => (error instanceof FaultError ? error.faults[0] : error);
  // No space for the best weights, and then none for the state.
  for (const size of [200_000, 100_000]) {
    const fault = await save(disk, 2, size).catch(refusal);
    expect(fault).toMatchObject({
      code: 'ERS_DISK_FULL',
      message: 'The disk is full: the checkpoint could not be saved; the previous one is kept.',
    });
    expect(await stands(disk)).toEqual([2, 1]);
  }
  expect(readdirSync(disk).sort()).toEqual([files[0], 'best-0002.safetensors', 'state.safetensors']);
  await save(disk, 2, 50_000);
  expect(await stands(disk)).toEqual([3, 2]);
});

test('of other parameters or data it is unusable', async () => {
  const dir = tempFolder('ers-checkpoint-');
  await save(dir, 1, 10);
  expect(await loadCheckpoint(dir, sha256('another training'))).toEqual({
    status: 'unusable',
    why: 'it belongs to other parameters or data',
  });
  rmSync(join(dir, 'best-0001.safetensors'));
  expect(await loadCheckpoint(dir, identity)).toEqual({
    status: 'unusable',
    why: 'the best weights beside it are missing or damaged',
  });
});
