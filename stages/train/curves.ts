import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { asSystemError, sayErrno } from '../../base/system-error.ts';
import type { StageEvent } from '../../engine/stage.ts';
import { fileStart, restart, scalars } from '../../formats/tensorboard.ts';
import type { HistoryLine } from './history.ts';
import type { Progress } from './progress.ts';

export interface CurvesOptions {
  /** Folder of event files; made when there is something to write. */
  readonly logs: string;
  /** ms since 1970. */
  readonly now: () => number;
  /** Told once if they cannot be written, which ends the curves but not the training. */
  readonly onFault: (text: string) => void;
}

/**
 * The curves of a training as an event file of TensorBoard. Each attempt has a file of its own, which begins by taking
 * back what files before it say of steps that are made again, so that every step is there once.
 */
export class Curves {
  readonly #options: CurvesOptions;
  #file: number | undefined;
  #ended = false;
  /** Steps done in all epochs. */
  #steps = 0;

  constructor(options: CurvesOptions) {
    this.#options = options;
  }

  /** Where training stands; an epoch has `samples` samples. */
  begin({ steps, samples: seen, history }: Progress, samples: number): void {
    this.#steps = steps;
    // Files before this one may tell the end of an epoch whose validation is made again: it lies at its last step, which
    // is then taken back with it and told again.
    const again = seen === samples ? lastStep(history) : undefined;
    this.#write(fileStart, (time) => restart(time, again === undefined ? steps + 1 : steps));
    if (again !== undefined) this.#write((time) => scalars(time, steps, again));
  }

  add(event: StageEvent): void {
    if (event.type === 'step') this.#steps += 1;
    const values = fromEvent(event);
    if (values !== undefined) this.#write((time) => scalars(time, this.#steps, values));
  }

  close(): void {
    this.#ended = true;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(...records: readonly ((time: number) => Buffer)[]): void {
    if (this.#ended) return;
    const time = this.#options.now() / 1000;
    try {
      this.#file ??= openNext(this.#options.logs, time);
      writeSync(this.#file, Buffer.concat(records.map((record) => record(time))));
    } catch (error) {
      const fault = asSystemError(error);
      if (fault === undefined) throw error;
      this.close();
      this.#options.onFault(
        `The curves for TensorBoard cannot be written (${sayErrno(fault.code)}); training goes on without them.`,
      );
    }
  }
}

/** TensorBoard reads the files of a folder by name: a name is the time in seconds, and later than all there, whatever the clock says. */
function openNext(folder: string, time: number): number {
  mkdirSync(folder, { recursive: true });
  const there = readdirSync(folder).flatMap((name) => {
    const seconds = /^events\.out\.tfevents\.(\d{10})\./.exec(name)?.[1];
    return seconds === undefined ? [] : [Number(seconds)];
  });
  const seconds = Math.max(Math.floor(time), ...there.map((each) => each + 1));
  return openSync(join(folder, `events.out.tfevents.${String(seconds).padStart(10, '0')}.ers`), 'wx');
}

type Values = Readonly<Record<string, number>>;

function fromEvent(event: StageEvent): Values | undefined {
  switch (event.type) {
    case 'step':
      return {
        ...stepValues(event.loss, event.learningRate),
        'pace/images_per_second': event.imagesPerSecond,
        'pace/stall': event.stall,
        ...(event.memory === undefined ? {} : { 'pace/memory_GB': event.memory / 1e9 }),
      };
    case 'epoch':
      return event.past === true
        ? undefined
        : {
            epoch: event.epoch,
            'loss/train': event.trainLoss,
            'loss/val': event.valLoss,
            'iou/val': event.valIou,
          };
    case 'progress':
    case 'grace':
    case 'loaded':
    case 'metrics':
    case 'note':
      return undefined;
  }
}

function stepValues(loss: number, learningRate: number): Values {
  return { 'loss/step': loss, learning_rate: learningRate };
}

/** What `history.jsonl` knows of its last line, a step. */
function lastStep(history: string): Values | undefined {
  const line = JSON.parse(history.trimEnd().split('\n').at(-1) ?? '') as HistoryLine;
  return line.type === 'step' ? stepValues(line.loss, line.learning_rate) : undefined;
}
