import { parentPort, workerData } from 'node:worker_threads';
import { settle } from '../../base/fault.ts';
import { openDataset } from '../shards/reader/dataset.ts';
import type { FeedAnswer, FeedJob, FeedTask } from './feed.ts';

if (parentPort === null) throw new Error('Internal error: feed-worker runs only as a worker');
const port = parentPort;
const opening = (workerData as FeedJob).map(({ dir, shownAs }) => openDataset(dir, shownAs));
// The same fault is the answer to every task on that set.
for (const set of opening) set.catch(() => undefined);
const reads = new Set<Promise<void>>();

/** A rejection is a bug: it ends the worker, whose `error` event carries it to the stage. */
async function read({ number, set, samples }: Extract<FeedTask, { type: 'read' }>): Promise<void> {
  const batch = await settle(async () => {
    const dataset = await opening[set];
    if (dataset === undefined) throw new Error(`Internal error: there is no set ${set}`);
    return dataset.read(samples);
  });
  const answer: FeedAnswer = { number, batch };
  const bytes = batch.ok ? [batch.value.images, batch.value.masks] : [];
  port.postMessage(
    answer,
    bytes.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

async function close(): Promise<void> {
  await Promise.all(reads);
  for (const set of await Promise.allSettled(opening))
    if (set.status === 'fulfilled') await set.value.close();
  port.close();
}

port.on('message', (task: FeedTask) => {
  if (task.type === 'close') {
    void close();
    return;
  }
  const reading = read(task);
  reads.add(reading);
  void reading.then(() => reads.delete(reading));
});
