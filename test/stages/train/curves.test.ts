import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StageEvent } from '../../../engine/stage.ts';
import { fileStart, restart, scalars } from '../../../formats/tensorboard.ts';
import { Curves } from '../../../stages/train/curves.ts';
import { historyLine } from '../../../stages/train/history.ts';
import { beginning, type Progress } from '../../../stages/train/progress.ts';

const step = (epoch: number, number: number): StageEvent => ({
  ...{ type: 'step', epoch, epochs: 2, step: number, steps: 2, loss: 0.5, learningRate: 0.25 },
  ...{ imagesPerSecond: 8, stall: 0.125, memory: 2e9, peakMemory: 3e9 },
});
const ofStep = {
  ...{ 'loss/step': 0.5, learning_rate: 0.25 },
  ...{ 'pace/images_per_second': 8, 'pace/stall': 0.125, 'pace/memory_GB': 2 },
};
const epoch = (number: number): StageEvent => ({
  ...{ type: 'epoch', epoch: number, epochs: 2, trainLoss: 1, valLoss: 2, valIou: 0.75 },
  ...{ bestValIou: 0.75, bestEpoch: 1 },
});
const ofEpoch = (number: number) => ({ epoch: number, 'loss/train': 1, 'loss/val': 2, 'iou/val': 0.75 });

/** The end of the first epoch of 16 samples, whose validation is still to be made. */
const unvalidated: Progress = {
  ...{ ...beginning, step: 2, steps: 2, samples: 16 },
  history:
    historyLine({ type: 'step', epoch: 1, step: 1, loss: 3, learning_rate: 0.5 }) +
    historyLine({ type: 'step', epoch: 1, step: 2, loss: 4, learning_rate: 0.5 }),
};

/** Curves in a folder whose clock stands at 1.5 s, and what they complain of. */
function open(logs = join(temporary(), 'logs')) {
  const faults: string[] = [];
  const curves = new Curves({ logs, now: () => 1500, onFault: (text) => faults.push(text) });
  return { logs, curves, faults };
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ers-curves-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const bytes = (logs: string, name: string) => readFileSync(join(logs, name)).toString('hex');
const hex = (...records: readonly Buffer[]) => Buffer.concat(records).toString('hex');

test('each step and each end of an epoch is a record at the number of steps done in all epochs', () => {
  const { logs, curves } = open();
  curves.begin(beginning, 16);
  curves.add({ type: 'note', level: 'info', text: 'nothing to draw' });
  for (const event of [step(1, 1), step(1, 2), epoch(1), step(2, 1)]) curves.add(event);
  curves.close();
  expect(readdirSync(logs)).toEqual(['events.out.tfevents.0000000001.ers']);
  expect(bytes(logs, 'events.out.tfevents.0000000001.ers')).toBe(
    hex(
      fileStart(1.5),
      restart(1.5, 1),
      scalars(1.5, 1, ofStep),
      scalars(1.5, 2, ofStep),
      scalars(1.5, 2, ofEpoch(1)),
      scalars(1.5, 3, ofStep),
    ),
  );
});

test('who goes on within an epoch, or after one, takes back what is told of later steps', () => {
  for (const progress of [
    { ...unvalidated, samples: 8 },
    { ...unvalidated, epoch: 2, step: 0, samples: 0 },
  ]) {
    const { logs, curves } = open();
    curves.begin(progress, 16);
    curves.add({ ...step(2, 1) });
    curves.close();
    expect(bytes(logs, 'events.out.tfevents.0000000001.ers')).toBe(
      hex(fileStart(1.5), restart(1.5, 3), scalars(1.5, 3, ofStep)),
    );
  }
});

test('who goes on before a validation takes back the end of that epoch too, and tells its last step again', () => {
  const { logs, curves } = open();
  curves.begin(unvalidated, 16);
  curves.add(epoch(1));
  curves.close();
  expect(bytes(logs, 'events.out.tfevents.0000000001.ers')).toBe(
    hex(
      fileStart(1.5),
      restart(1.5, 2),
      scalars(1.5, 2, { 'loss/step': 4, learning_rate: 0.5 }),
      scalars(1.5, 2, ofEpoch(1)),
    ),
  );
});

test('epochs that an earlier attempt closed are not told again', () => {
  const { logs, curves } = open();
  curves.begin({ ...unvalidated, epoch: 2, step: 0, samples: 0 }, 16);
  curves.add({ ...epoch(1), past: true } as StageEvent);
  curves.close();
  expect(bytes(logs, 'events.out.tfevents.0000000001.ers')).toBe(hex(fileStart(1.5), restart(1.5, 3)));
});

test('the file of a later attempt comes last by name, also where the clock was set back', () => {
  const { logs, curves } = open();
  mkdirSync(logs);
  for (const name of ['events.out.tfevents.1764000000.ers', 'profile.json'])
    writeFileSync(join(logs, name), '');
  curves.begin(beginning, 16);
  curves.close();
  expect(readdirSync(logs).sort()).toEqual([
    'events.out.tfevents.1764000000.ers',
    'events.out.tfevents.1764000001.ers',
    'profile.json',
  ]);
});

test('curves that cannot be written are told of once, and the training goes on', () => {
  const folder = temporary();
  writeFileSync(join(folder, 'file'), '');
  const { curves, faults } = open(join(folder, 'file/logs'));
  curves.begin(beginning, 16);
  curves.add(step(1, 1));
  curves.close();
  expect(faults).toEqual([
    'The curves for TensorBoard cannot be written (a part of the path is no folder (ENOTDIR)); training goes on without them.',
  ]);
});
