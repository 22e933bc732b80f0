import { Worker } from 'node:worker_threads';
import type { Digest } from '../../base/digest.ts';
import { hashFiles, type Unread } from './hash-files.ts';

type Hashes = readonly (Digest | { readonly unread: Unread })[];

/** Threads that read files side by side: a fast disk brings more than one core can hash. */
export interface Readers {
  /** Digests of files, in their order. Rejects when the readers were closed. */
  hash(paths: readonly string[]): Promise<Hashes>;
  /** Bytes read so far. */
  readonly bytes: number;
  /** Ends all threads at once, in the middle of a file too. */
  close(): Promise<void>;
}

interface Task {
  readonly paths: readonly string[];
  readonly resolve: (hashes: Hashes) => void;
  readonly reject: (error: unknown) => void;
}

/** `worker`: the bundled `reader-worker.ts`. With no threads the files are read on this one. */
export function openReaders(worker: string, threads: number): Readers {
  const read = new BigInt64Array(new SharedArrayBuffer(8));
  const waiting: Task[] = [];
  const idle: Worker[] = [];
  const started: Worker[] = [];
  const atWork = new Map<Worker, Task>();
  let closed = false;

  const next = (): void => {
    while (waiting.length > 0) {
      const reader = idle.pop() ?? start();
      if (reader === undefined) return;
      const task = waiting.shift();
      if (task === undefined) return;
      atWork.set(reader, task);
      reader.postMessage(task.paths);
    }
  };
  const start = (): Worker | undefined => {
    if (started.length >= threads) return undefined;
    const reader = new Worker(worker, { workerData: { read } });
    started.push(reader);
    reader.on('message', (hashes: Hashes) => {
      atWork.get(reader)?.resolve(hashes);
      atWork.delete(reader);
      idle.push(reader);
      next();
    });
    reader.on('error', (error) => {
      atWork.get(reader)?.reject(error);
      atWork.delete(reader);
    });
    return reader;
  };

  return {
    hash: async (paths) => {
      if (closed) throw new Closed();
      if (threads === 0) {
        const hashes = hashFiles(paths, read);
        // Whoever wants to stop this is heard between two lists.
        await new Promise((resolve) => setImmediate(resolve));
        return hashes;
      }
      return new Promise<Hashes>((resolve, reject) => {
        waiting.push({ paths, resolve, reject });
        next();
      });
    },
    get bytes() {
      return Number(Atomics.load(read, 0));
    },
    close: async () => {
      closed = true;
      for (const { reject } of [...waiting.splice(0), ...atWork.values()]) reject(new Closed());
      atWork.clear();
      await Promise.all(started.map((reader) => reader.terminate()));
    },
  };
}

/** Told to whoever waits for readers that were closed. */
export class Closed extends Error {}
