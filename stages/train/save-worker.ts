import { MessageChannel, parentPort } from 'node:worker_threads';
import { settle } from '../../base/fault.ts';
import { saveCheckpoint } from './checkpoint.ts';
import type { SaveAnswer, SaveTask } from './saving.ts';

if (parentPort === null) throw new Error('Internal error: save-worker runs only as a worker');
const port = parentPort;
/** A closed port: what is moved to it is given back to the system at once, not when this idle thread collects next. */
const nowhere = new MessageChannel().port1;
nowhere.close();

/** A rejection is a bug: it ends the worker, whose `error` event carries it to the stage. */
async function save({ checkpoint, ...where }: SaveTask): Promise<void> {
  const answer: SaveAnswer = await settle(async () => {
    await saveCheckpoint(where, checkpoint);
    return null;
  });
  nowhere.postMessage(
    null,
    [...checkpoint.state.values()].map(({ buffer }) => buffer as ArrayBuffer),
  );
  port.postMessage(answer);
}

port.on('message', (task: SaveTask) => void save(task));
