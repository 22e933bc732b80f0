import { parentPort, workerData } from 'node:worker_threads';
import { settle } from '../../base/fault.ts';
import { prepareRandom } from '../../base/random.ts';
import type { Answer, Task, WorkerJob } from './job.ts';
import { sampleMaker } from './make-samples.ts';

if (parentPort === null) throw new Error('Internal error: augment-worker runs only as a worker');
const port = parentPort;
const make = sampleMaker(workerData as WorkerJob);
const ready = prepareRandom();

/** A rejection is a bug: it ends the worker, whose `error` event carries it to the stage. */
async function answer(task: Task): Promise<void> {
  await ready;
  const made = await settle(() => make(task));
  const reply: Answer = made.ok ? { ok: true, samples: made.value } : made;
  const bytes = made.ok ? made.value.flatMap(({ files }) => files.map((file) => file.bytes.buffer)) : [];
  port.postMessage(reply, bytes);
}

port.on('message', (task: Task) => {
  void answer(task);
});
