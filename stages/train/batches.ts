import { randomAt } from '../../base/random.ts';
import type { Batch } from '../../nn/trainer/trainer.ts';
import type { Dataset } from '../shards/reader/dataset.ts';

/** The samples of each step of an epoch: all of them, shuffled by (seed, epoch); the last batch may be smaller. */
export function epochPlan(samples: number, batchSize: number, seed: number, epoch: number): number[][] {
  const order = Array.from({ length: samples }, (_, index) => index);
  return chunks(randomAt('train/order', seed, epoch).shuffle(order), batchSize);
}

/** The samples in their own order. */
export function plainPlan(samples: number, batchSize: number): number[][] {
  return chunks(
    Array.from({ length: samples }, (_, index) => index),
    batchSize,
  );
}

/** Sizes of the batches that a plan of so many samples has: at most two. */
export function batchSizes(samples: number, batchSize: number): number[] {
  return [...new Set(plainPlan(samples, batchSize).map((batch) => batch.length))];
}

function chunks(order: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(order.length / size) }, (_, at) =>
    order.slice(at * size, (at + 1) * size),
  );
}

export interface PlannedBatch {
  readonly batch: Batch;
  readonly samples: readonly number[];
  /** Milliseconds that the taker had to wait for it. */
  readonly waited: number;
}

/** How many batches are read while the taker works on one: a slow read does not make it wait at once. */
const ahead = 2;

/** The batches of a plan. The next ones are read, on other threads, while the taker works on this one. */
export async function* readAhead(
  dataset: Dataset,
  plan: readonly (readonly number[])[],
): AsyncGenerator<PlannedBatch, void, undefined> {
  const reads: Promise<Batch>[] = [];
  const start = (samples: readonly number[]): void => {
    const reading = dataset.read(samples);
    reading.catch(() => {
      // The same error reaches the taker when it asks for this batch.
    });
    reads.push(reading);
  };
  plan.slice(0, ahead).forEach(start);
  try {
    for (const [at, samples] of plan.entries()) {
      const before = performance.now();
      plan.slice(at + ahead, at + ahead + 1).forEach(start);
      const batch = await reads.shift();
      if (batch === undefined) throw new Error('Internal error: the plan ended early');
      yield { batch, samples, waited: performance.now() - before };
    }
  } finally {
    // Files must not be closed under a read that is still going on.
    await Promise.allSettled(reads);
  }
}
