import { readdirSync, rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { FaultError } from '../../../base/fault.ts';
import { loadCheckpoint } from '../../../stages/train/checkpoint.ts';
import { definition } from '../../../stages/train/definition.ts';
import { beginning } from '../../../stages/train/progress.ts';
import { Saving } from '../../../stages/train/saving.ts';
import { mount } from '../../cache/mount.ts';
import { tempFolder } from '../../temp-folder.ts';
import { stageContext } from '../context.ts';
import { trainParams } from './params.ts';

const identity = sha256('this training');

/** Savings of weights that are 1, 1, … at first, then 2, 2, …; `states` are all that were read out. */
function savings(dir: string, size = 1000) {
  const trial = stageContext({ definition, params: trainParams(), checkpoint: dir });
  onTestFinished(() => trial.remove());
  const states: Float32Array[] = [];
  const state = () => {
    const values = new Float32Array(size).fill(states.length + 1);
    states.push(values);
    return new Map([['w', values]]);
  };
  const { context } = trial;
  return { states, context, setup: { context, trainer: { state }, identity, environment: {} } };
}

const at = (step: number) => ({ ...beginning, step });

test('the newest of two savings is what is there, and the state was moved, not copied', async () => {
  const dir = tempFolder('ers-saving-');
  const { states, setup } = savings(dir);
  const saving = new Saving(setup);
  await saving.save(at(1));
  expect(states.map(({ length }) => length)).toEqual([0]);
  // Waits for the one before: there is never more than one.
  await saving.save(at(2));
  expect(readdirSync(dir)).toContain('state-00000001-00000001.safetensors');
  await saving.wait();
  saving.check();
  expect(readdirSync(dir)).toEqual(['state-00000001-00000002.safetensors']);
  const found = await loadCheckpoint(dir, identity);
  expect(found.status === 'loaded' && found.checkpoint.state.get('w')?.[999]).toBe(2);
});

test('a full disk is told at the next check and by the next saving, which reads no state out; the one before is kept', async (context) => {
  const disk = mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=1m', 'ers');
  const before = new Saving(savings(disk).setup);
  await before.save(at(1));
  await before.wait();
  const { states, setup } = savings(disk, 300_000);
  const saving = new Saving(setup);
  await saving.save(at(2));
  await saving.wait();
  const told = () => {
    saving.check();
  };
  expect(told).toThrow(FaultError);
  expect(told).toThrow(/The disk is full: the checkpoint could not be saved; the previous one is kept/);
  await expect(saving.save(at(3))).rejects.toThrow(FaultError);
  expect(states).toHaveLength(1);
  expect(readdirSync(disk)).toEqual(['state-00000001-00000001.safetensors']);
});

test('what is no fault of the user is thrown as it is, also when the thread dies', async () => {
  const { setup, context } = savings(tempFolder('ers-saving-'));
  rmSync(context.checkpoint, { recursive: true });
  const missing = new Saving(setup);
  const dying = new Saving({
    ...setup,
    context: { ...context, startWorker: () => new Worker('process.exit()', { eval: true }) },
  });
  for (const [saving, said] of [
    [missing, /ENOENT/],
    [dying, /Internal error: the thread that saves has ended/],
  ] as const) {
    await saving.save(at(1));
    await saving.wait();
    expect(() => {
      saving.check();
    }).toThrow(said);
  }
});
