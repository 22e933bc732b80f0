import type { Worker } from 'node:worker_threads';
import { FaultError, type Result } from '../../base/fault.ts';
import type { StageContext } from '../../engine/stage.ts';
import type { Batch } from '../../nn/trainer/trainer.ts';
import type { Dataset } from '../shards/reader/dataset.ts';

/** What the thread that reads is told first: the folder of each set, and its name in faults. */
export type FeedJob = readonly { readonly dir: string; readonly shownAs: string }[];

/** Samples of a set, by its place in the job, that make a batch; `close`: no more will come. */
export type FeedTask =
  | {
      readonly type: 'read';
      readonly number: number;
      readonly set: number;
      readonly samples: readonly number[];
    }
  | { readonly type: 'close' };

export interface FeedAnswer {
  readonly number: number;
  readonly batch: Result<Batch>;
}

interface Waiting {
  readonly resolve: (batch: Batch) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that reads batches: TensorFlow holds the main thread for the whole of a step, and what is done there between
 * two steps makes the device wait.
 */
export class Feed {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<unknown>;
  #asked = 0;
  #broken: Error | undefined;

  constructor(startWorker: StageContext<unknown>['startWorker'], job: FeedJob) {
    this.#worker = startWorker('feed-worker', job);
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (answer: FeedAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#break(error));
    this.#worker.on('exit', () => this.#break(new Error('Internal error: the thread that reads has ended')));
  }

  /** A set of the job whose batches come from the thread. Reading throws `FaultError` ERS_SHARD. */
  through(set: number, dataset: Dataset): Dataset {
    return { ...dataset, read: (samples) => this.#read(set, samples) };
  }

  async close(): Promise<void> {
    this.#send({ type: 'close' });
    await this.#ended;
  }

  #read(set: number, samples: readonly number[]): Promise<Batch> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      const number = this.#asked;
      this.#asked += 1;
      this.#waiting.set(number, { resolve, reject });
      this.#send({ type: 'read', number, set, samples });
    });
  }

  #send(task: FeedTask): void {
    this.#worker.postMessage(task);
  }

  #take({ number, batch }: FeedAnswer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (batch.ok) waiting?.resolve(batch.value);
    else waiting?.reject(new FaultError(...batch.faults));
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#broken);
    this.#waiting.clear();
  }
}
