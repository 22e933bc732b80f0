import { FaultError, type Result } from '../../base/fault.ts';
import type { Digest } from '../../base/digest.ts';
import type { StageContext } from '../../engine/stage.ts';
import type { Trainer } from '../../nn/trainer/trainer.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Progress } from './progress.ts';
import type { Environment } from './environment.ts';

/** What the thread that saves is told. The state's memory moves to it. */
export interface SaveTask {
  readonly dir: string;
  readonly identity: Digest;
  readonly checkpoint: Checkpoint;
}

export type SaveAnswer = Result<null>;

/** What is saved beside the progress, and where. */
export interface Saved {
  readonly context: Pick<StageContext<unknown>, 'checkpoint' | 'startWorker'>;
  readonly trainer: Pick<Trainer, 'state'>;
  readonly identity: Digest;
  readonly environment: Environment;
}

/**
 * Saves while training goes on: the state is read out at once, and written by a thread. Each saving has a thread of its
 * own, with which its memory goes; at most one is under way.
 */
export class Saving {
  readonly #saved: Saved;
  #underWay: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(saved: Saved) {
    this.#saved = saved;
  }

  /** Begins to save where training stands, once the saving before has ended. Throws as `check` does for that one. */
  async save(progress: Progress): Promise<void> {
    await this.wait();
    this.check();
    const { context, trainer, identity, environment } = this.#saved;
    const checkpoint = { progress, state: trainer.state(), environment };
    const task = { dir: context.checkpoint, identity, checkpoint };
    this.#underWay = inThread(context.startWorker, task).catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  /** Until nothing is under way. Throws nothing. */
  wait(): Promise<void> {
    return this.#underWay;
  }

  /** Throws what a saving failed with, `FaultError` ERS_DISK_FULL or a bug, as soon as that is known. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function inThread(startWorker: StageContext<unknown>['startWorker'], task: SaveTask): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startWorker('save-worker', undefined);
    let answer: SaveAnswer | undefined;
    worker.once('message', (told: SaveAnswer) => (answer = told));
    worker.once('error', reject);
    worker.once('exit', () => {
      if (answer === undefined) reject(new Error('Internal error: the thread that saves has ended'));
      else if (answer.ok) resolve();
      else reject(new FaultError(...answer.faults));
    });
    const moved = [...task.checkpoint.state.values()].map(({ buffer }) => buffer as ArrayBuffer);
    worker.postMessage(task, moved);
  });
}
