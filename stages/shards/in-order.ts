import type { Worker } from 'node:worker_threads';
import type { Answer, Task } from './job.ts';

/** Tasks a worker may be ahead of the one that is waited for: bounds what lies in memory. */
const ahead = 2;

/**
 * Hands tasks to workers as they become free and yields the answers in the order of the tasks, so that nothing that follows
 * can tell how many workers there are. Throws when a worker dies. Ends the iteration early when `signal` aborts.
 */
export async function* inOrder(
  workers: readonly Worker[],
  tasks: readonly Task[],
  signal: AbortSignal,
): AsyncGenerator<Answer, void, undefined> {
  const answers = new Map<number, Answer>();
  const free = [...workers];
  let assigned = 0;
  let wake = (): void => undefined;
  let failure: Error | undefined;

  const assign = (expected: number): void => {
    while (assigned < tasks.length && assigned < expected + workers.length * ahead) {
      const worker = free.pop();
      if (worker === undefined) return;
      const number = assigned;
      worker.once('message', (answer: Answer) => {
        answers.set(number, answer);
        free.push(worker);
        wake();
      });
      worker.postMessage(tasks[number]);
      assigned += 1;
    }
  };
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  const failOnExit = (): void =>
    fail(new Error('Internal error: a worker of the shards stage ended by itself'));
  const stop = (): void => wake();
  for (const worker of workers) worker.on('error', fail).on('exit', failOnExit);
  signal.addEventListener('abort', stop);
  try {
    for (let expected = 0; expected < tasks.length; expected += 1) {
      for (;;) {
        if (failure !== undefined) throw failure;
        if (signal.aborted) return;
        assign(expected);
        const answer = answers.get(expected);
        if (answer !== undefined) {
          answers.delete(expected);
          yield answer;
          break;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    for (const worker of workers)
      worker.off('error', fail).off('exit', failOnExit).removeAllListeners('message');
  }
}
