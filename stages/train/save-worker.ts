import { parentPort } from 'node:worker_threads';
import { settle } from '../../base/fault.ts';
import { saveCheckpoint } from './checkpoint.ts';
import type { SaveAnswer, SaveTask } from './saving.ts';

if (parentPort === null) throw new Error('Internal error: save-worker runs only as a worker');
const port = parentPort;

/** A rejection is a bug: it ends the worker, whose `error` event carries it to the stage. */
async function save({ dir, identity, checkpoint }: SaveTask): Promise<void> {
  const answer: SaveAnswer = await settle(async () => {
    await saveCheckpoint(dir, identity, checkpoint);
    return null;
  });
  port.postMessage(answer);
  port.close();
}

port.once('message', (task: SaveTask) => void save(task));
