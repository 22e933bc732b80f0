import { join } from 'node:path';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { pathToFileURL } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';
import { readDefinition } from '../engine/user-stage/definition.ts';
import { sayFrame, Stacks } from '../engine/user-stage/stack.ts';
import { refusal, Refusal } from './user-faults.mjs';

/** @typedef {import('../engine/user-stage/build-result.ts').BuildRequest} BuildRequest */

/**
 * What the file says of itself.
 *
 * @param {BuildRequest} request
 * @param {string} bundle
 * @param {Record<string, string>} maps
 * @param {string} thread the script that calls `loadHere` when it runs as a thread
 * @returns {Promise<import('../engine/user-stage/definition.ts').UserDefinition>}
 */
export async function loadDefinition(request, bundle, maps, thread) {
  const { entry, folder, limitMs } = request;
  const said = await loadInThread(join(folder, bundle), limitMs, thread);
  const code = 'ERS_STAGE_DEFINITION';
  switch (said.type) {
    case 'read':
      if ('definition' in said.read) return said.read.definition;
      throw new Refusal(
        ...(await Promise.all(said.read.problems.map((problem) => refusal(request, problem)))).flatMap(
          ({ faults }) => faults,
        ),
      );
    case 'threw': {
      const stacks = new Stacks(
        Object.fromEntries(Object.entries(maps).map(([from, to]) => [join(folder, from), join(folder, to)])),
      );
      const [first, ...more] = stacks.frames(said.stack);
      const trail = more.map((frame) => `; called at ${sayFrame(frame)}`).join('');
      throw new Refusal({
        code,
        message: `The stage threw while it was loaded: ${said.message.replace(/\.$/, '')}${trail}.`,
        place:
          first === undefined
            ? { file: entry }
            : { file: first.file, line: first.line, column: first.column },
        hint: 'Only `run` may do work: the rest of the file is loaded to read the definition.',
      });
    }
    case 'stuck':
      throw new Refusal({
        code,
        message: 'The file waits at its top for something that never comes.',
        place: { file: entry },
        hint: 'Only `run` may do work or wait: the rest of the file is loaded to read the definition.',
      });
    case 'ended':
      throw new Refusal({
        code,
        message: `The stage ended its process (exit code ${said.code}) while it was loaded.`,
        place: { file: entry },
        hint: 'Remove process.exit() from the top of the file and of what it imports.',
      });
    default:
      throw new Refusal({
        code,
        message: `The stage was not loaded within ${limitMs / 1000} s.`,
        place: { file: entry },
        hint: 'Only `run` may do work or wait: the rest of the file is loaded to read the definition.',
      });
  }
}

/** What it prints goes nowhere; its environment is the same on every machine. */
function loadInThread(file, limitMs, thread) {
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LANG: 'C.UTF-8', TZ: 'UTC' };
  const worker = new Worker(thread, {
    workerData: file,
    stdout: true,
    stderr: true,
    env,
    argv: [],
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return new Promise((done) => {
    // What it said while this thread had no processor is read in the turn after the limit.
    const timer = setTimeout(() => setImmediate(() => done({ type: 'late' })), limitMs);
    worker.once('message', (message) => done(message));
    worker.once('error', (error) => done(threw(error)));
    worker.once('exit', (code) => done({ type: 'ended', code }));
    worker.once('message', () => clearTimeout(timer));
  }).finally(() => worker.terminate());
}

/** In the thread: loads the bundle and tells what it says of itself. */
export async function loadHere(file) {
  // Comes only where nothing is left to wait for and nobody ended the thread.
  process.once('beforeExit', () => parentPort?.postMessage({ type: 'stuck' }));
  try {
    const exported = await import(pathToFileURL(file).href);
    parentPort?.postMessage({ type: 'read', read: readDefinition(exported) });
  } catch (error) {
    parentPort?.postMessage(threw(error));
  }
}

function threw(error) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    type: 'threw',
    message: /[.!?]$/.test(message) ? message : `${message}.`,
    stack: error?.stack ?? '',
  };
}
