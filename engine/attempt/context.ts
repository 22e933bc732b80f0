import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { StageContext } from '../stage.ts';
import type { Job } from './job.ts';

/** What the stage's `run` is given. `events` is an open file: each event is one line, written at once. */
export function stageContext(job: Job, events: number, signal: AbortSignal): StageContext<Job['params']> {
  return {
    params: job.params,
    deps: job.deps,
    outs: job.outs,
    checkpoint: job.checkpoint,
    checkpointEvery: job.checkpointEvery,
    logs: job.logs,
    tmp: job.tmp,
    cores: job.cores,
    ...(job.runtime === null ? {} : { runtime: job.runtime }),
    signal,
    emit: (event) => {
      writeSync(events, `${JSON.stringify(event)}\n`);
    },
    startWorker: (name, workerData) => {
      const module = job.workers[name];
      if (module === undefined) {
        throw new Error(`${job.stage} declares no worker ${name}: name it in \`workers\` of its definition`);
      }
      return new Worker(module, { workerData });
    },
  };
}
