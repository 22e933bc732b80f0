import { parentPort, workerData } from 'node:worker_threads';
import { hashFiles } from './hash-files.ts';

/** A thread that reads files: it is sent lists of paths and answers each with their digests. */
const { read } = workerData as { readonly read: BigInt64Array };
parentPort?.on('message', (paths: readonly string[]) => {
  parentPort?.postMessage(hashFiles(paths, read));
});
