import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { sha256 } from '../../../base/digest.ts';
import { FaultError } from '../../../base/fault.ts';
import { loadCheckpoint } from '../../../stages/train/checkpoint.ts';
import { definition } from '../../../stages/train/definition.ts';
import { beginning } from '../../../stages/train/progress.ts';
import { Saving, type Saved } from '../../../stages/train/saving.ts';
import { mount } from '../../cache/mount.ts';
import { tempFolder } from '../../temp-folder.ts';
import { bundleWorker, stageContext } from '../context.ts';
import { trainParams } from './params.ts';

const identity = sha256('this training');

/** Savings of weights that are 1, 1, … at first, then 2, 2, …; `states` are all that were read out. */
function savings(disk: string, size = 1000) {
  const [checkpoint, tmp] = [join(disk, 'checkpoint'), join(disk, 'tmp')];
  const trial = stageContext({ definition, params: trainParams(), checkpoint, tmp });
  onTestFinished(() => trial.remove());
  const states: Float32Array[] = [];
  const state = () => {
    const values = new Float32Array(size).fill(states.length + 1);
    states.push(values);
    return new Map([['w', values]]);
  };
  const { context } = trial;
  return { trial, states, context, setup: { context, trainer: { state }, identity, environment: {} } };
}

/** Its thread ends with the test. */
function savingOf(saved: Saved): Saving {
  const saving = new Saving(saved);
  onTestFinished(() => saving.close());
  return saving;
}

const at = (step: number) => ({ ...beginning, step });

test('the newest of two savings is what is there, and the state was moved, not copied', async () => {
  const { states, context, setup } = savings(tempFolder('ers-saving-'));
  const dir = context.checkpoint;
  const there: (readonly string[])[] = [];
  const state = () => {
    there.push(readdirSync(dir));
    return setup.trainer.state();
  };
  const saving = savingOf({ ...setup, trainer: { state } });
  await saving.save(at(1));
  expect(states.map(({ length }) => length)).toEqual([0]);
  await saving.save(at(2));
  // Waits for the one before: there is never more than one.
  expect(there).toEqual([[], ['state-00000001-00000001.safetensors']]);
  await saving.wait();
  saving.check();
  expect(readdirSync(dir)).toEqual(['state-00000001-00000002.safetensors']);
  const found = await loadCheckpoint(dir, identity);
  expect(found.status === 'loaded' && found.checkpoint.state.get('w')?.[999]).toBe(2);
});

test('what is saved while nothing of the program lies on the disk any more is saved as well', async () => {
  const { context, setup } = savings(tempFolder('ers-saving-'));
  const module = join(context.tmp, 'save-worker.mjs');
  copyFileSync(bundleWorker('train', 'save-worker'), module);
  const startWorker = () => new Worker(module);
  const saving = savingOf({ ...setup, context: { ...context, startWorker } });
  for (const step of [1, 2]) {
    await saving.save(at(step));
    await saving.wait();
    saving.check();
    rmSync(module, { force: true });
  }
  expect(readdirSync(context.checkpoint)).toEqual(['state-00000001-00000002.safetensors']);
});

test('from a stop on the engine is told that it saves, at each saving anew, and when that is over', async () => {
  const { trial, setup } = savings(tempFolder('ers-saving-'));
  const saving = savingOf(setup);
  await saving.save(at(1));
  await saving.wait();
  // From the first answer on no code is loaded any more, which the engine is told once.
  const loaded = { type: 'loaded' };
  expect(trial.events).toEqual([loaded]);
  trial.stop();
  const saves = { type: 'grace', seconds: 120 };
  const told = { ...saves, doing: 'saving where it stands' };
  expect(trial.events).toEqual([loaded, told]);
  await saving.save(at(2));
  expect(trial.events).toEqual([loaded, told, saves]);
  await saving.close();
  expect(trial.events).toEqual([loaded, told, saves, { type: 'grace', seconds: 4 }]);
});

test('a full disk is told at the next check and by the next saving, which reads no state out; the one before is kept', async (context) => {
  const disk = mount(context, tempFolder('ers-disk-'), '-t', 'tmpfs', '-o', 'size=1m', 'ers');
  const before = savingOf(savings(disk).setup);
  await before.save(at(1));
  await before.wait();
  const { states, setup, context: own } = savings(disk, 300_000);
  const saving = savingOf(setup);
  await saving.save(at(2));
  await saving.wait();
  const told = () => {
    saving.check();
  };
  expect(told).toThrow(FaultError);
  expect(told).toThrow(/The disk is full: the checkpoint could not be saved; the previous one is kept/);
  await expect(saving.save(at(3))).rejects.toThrow(FaultError);
  expect(states).toHaveLength(1);
  expect(readdirSync(own.checkpoint)).toEqual(['state-00000001-00000001.safetensors']);
});

test('a disk on which not even the end of a saving can be told is told by the next check', async () => {
  const { setup, context } = savings(tempFolder('ers-saving-'));
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  const emit = () => {
    throw full;
  };
  const saving = savingOf({ ...setup, context: { ...context, emit } });
  await saving.save(at(1));
  await saving.wait();
  expect(() => {
    saving.check();
  }).toThrow(full);
});

test('what is no fault of the user is thrown as it is, also when the thread dies', async () => {
  const { setup, context } = savings(tempFolder('ers-saving-'));
  rmSync(context.checkpoint, { recursive: true });
  const missing = savingOf(setup);
  const dying = savingOf({
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
    await saving.close();
  }
});
