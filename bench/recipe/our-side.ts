import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineEvent } from '../../engine/events.ts';
import { faultLines } from '../../ui/fault-lines.ts';
import { configFor } from './experiments.ts';
import type { Epoch, Outcome } from './outcome.ts';
import { follow, SideFailed } from './side.ts';

/** A project on the disk, and the checkout that trains on it. */
export interface Project {
  /** The checkout. */
  readonly root: string;
  readonly folder: string;
  readonly threads: number;
}

export interface Bench extends Project {
  readonly python: string;
}

/** All stages before training, and TensorFlow itself: no part of the measurement. */
export async function prepare(bench: Project, seed: number): Promise<void> {
  await run(bench, seed, 'shards', () => undefined);
}

/** `ers run`, timed from the start of the train stage's process to its end. */
export async function trainWithErs(bench: Project, seed: number): Promise<Outcome> {
  const epochs: Epoch[] = [];
  let [began, ended] = [NaN, NaN];
  await run(bench, seed, 'evaluate', (event, seconds) => {
    if (!('stage' in event) || event.stage !== 'train') return;
    if (event.type === 'stage-started') began = seconds;
    if (event.type === 'stage-phase' && event.phase === 'checking') ended = seconds;
    if (event.type === 'stage-event' && event.event.type === 'epoch') {
      const { epoch, valIou } = event.event;
      epochs.push({ epoch, valIou, seconds: seconds - began });
    }
  });
  const file = join(bench.folder, 'artifacts', 'evaluate', 'metrics.json');
  const metrics = JSON.parse(readFileSync(file, 'utf8')) as { readonly test_iou: number };
  return { epochs, seconds: ended - began, testIou: metrics.test_iou };
}

/** The parameters with which the train stage ran, defaults filled in. */
export function trainParams({ root, folder }: Project, seed: number): TrainParams {
  const argv = [ersIn(root), 'show', 'train', '--json', '--config', configFor(seed)];
  const { status, stdout } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new SideFailed('ers show train', status);
  return (JSON.parse(stdout) as { readonly inputs: { readonly params: TrainParams } }).inputs.params;
}

/** Of the train stage's, those that are spoken of here. */
export interface TrainParams {
  readonly model: { readonly encoder_name: string };
  readonly train: { readonly batch_size: number; readonly max_epochs: number; readonly precision: string };
}

function run(
  { root, folder, threads }: Project,
  seed: number,
  stage: string,
  take: (event: EngineEvent, seconds: number) => void,
): Promise<void> {
  const options = ['--json', '--config', configFor(seed), '--cores', String(threads)];
  const argv = [process.execPath, ersIn(root), 'run', stage, ...options] as const;
  return follow(argv, folder, (line, seconds) => {
    const event = line as EngineEvent;
    take(event, seconds);
    if (event.type === 'stage-finished' && event.outcome.type === 'failed') {
      for (const text of event.outcome.faults.flatMap(faultLines)) process.stderr.write(`${text}\n`);
    }
  });
}

function ersIn(root: string): string {
  return join(root, 'bin', 'ers.js');
}
