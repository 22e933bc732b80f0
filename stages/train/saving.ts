import type { Worker } from 'node:worker_threads';
import { FaultError, type Result } from '../../base/fault.ts';
import type { StageContext } from '../../engine/stage.ts';
import type { Trainer } from '../../nn/trainer/trainer.ts';
import type { Checkpoint, CheckpointPlace } from './checkpoint.ts';
import type { Progress } from './progress.ts';
import type { Environment } from './environment.ts';

/** What the thread that saves is told. The state's memory moves to it. */
export interface SaveTask extends CheckpointPlace {
  readonly checkpoint: Checkpoint;
}

export type SaveAnswer = Result<null>;

/** What is saved beside the progress, and where. */
export interface Saved {
  readonly context: Pick<StageContext<unknown>, 'checkpoint' | 'tmp' | 'startWorker' | 'signal' | 'emit'>;
  readonly trainer: Pick<Trainer, 'state'>;
  readonly identity: CheckpointPlace['identity'];
  readonly environment: Environment;
}

/** Seconds that a saving may take after a stop, until it is taken for one that hangs. */
const longestSaving = 120;
/** Seconds to end in once all is saved. */
const toEnd = 4;

/**
 * Saves while training goes on: the state is read out at once, and written by a thread; at most one saving is under way. The
 * thread is as old as the training, so that nothing that is removed meanwhile, a build for instance, is missed hours later.
 */
export class Saving {
  readonly #saved: Saved;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  #underWay: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #told = false;
  #loaded = false;

  constructor(saved: Saved) {
    this.#saved = saved;
    this.#worker = saved.context.startWorker('save-worker', undefined);
    this.#worker.on('error', (error) => (this.#failure ??= { error }));
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    // From then on only what is saved counts: the engine must not end it before.
    saved.context.signal.addEventListener('abort', this.#sayStopping, { once: true });
  }

  /** What it is at is told once; how long that may take, at each saving. */
  readonly #sayStopping = () => {
    const { emit } = this.#saved.context;
    const doing = this.#told ? {} : { doing: 'saving where it stands' };
    emit({ type: 'grace', seconds: longestSaving, ...doing });
    this.#told = true;
  };

  /** Begins to save where training stands, once the saving before has ended. Throws as `check` does for that one. */
  async save(progress: Progress): Promise<void> {
    await this.wait();
    this.check();
    // There may have been another one before it.
    if (this.#saved.context.signal.aborted) this.#sayStopping();
    const { context, trainer, identity, environment } = this.#saved;
    const checkpoint = { progress, state: trainer.state(), environment };
    const task = { dir: context.checkpoint, tmp: context.tmp, identity, checkpoint };
    this.#underWay = this.#tell(task).catch((error: unknown) => {
      // Told by `check`, as a full disk is to which the event of its end could not be written.
      this.#failure ??= { error };
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

  /** Lets what is under way end, and then the thread. Throws nothing. */
  async close(): Promise<void> {
    const { signal, emit } = this.#saved.context;
    signal.removeEventListener('abort', this.#sayStopping);
    await this.wait();
    if (signal.aborted) emit({ type: 'grace', seconds: toEnd });
    await this.#worker.terminate();
  }

  /** Resolves, whatever came of it, when the thread has answered or is gone. */
  async #tell(task: SaveTask): Promise<void> {
    const answered = new Promise<SaveAnswer>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage(
      task,
      [...task.checkpoint.state.values()].map(({ buffer }) => buffer as ArrayBuffer),
    );
    const answer = await Promise.race([answered, this.#ended.then(() => undefined)]);
    if (answer?.ok === true) {
      // The last thread that may still have been loading has done its work once.
      if (!this.#loaded) this.#saved.context.emit({ type: 'loaded' });
      this.#loaded = true;
      return;
    }
    const error =
      answer === undefined
        ? new Error('Internal error: the thread that saves has ended')
        : new FaultError(...answer.faults);
    // What ended the thread was told before.
    this.#failure ??= { error };
  }
}
