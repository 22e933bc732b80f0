import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crashPoint } from '../../base/crash-point.ts';
import { FaultError, type Result } from '../../base/fault.ts';
import { isFull } from '../../cache/errno.ts';
import { writeWhole } from '../../cache/state-file.ts';
import type { StageContext, StageReport } from '../stage.ts';
import { runUserStage, whereItThrew, type UserModule } from './run-user-stage.ts';
import { Stacks } from '../user-stage/stack.ts';
import { stageContext } from './context.ts';
import { cutLine } from './lines.ts';
import type { Job, JobResult } from './job.ts';

/** Tells places in bundles; knows nothing before the job is read. */
let stacks = new Stacks({});

/** Characters of a line of a stack that are shown. */
const longestQuote = 200;

/**
 * The entry point of a stage's process: `node child.mjs ATTEMPT_FOLDER`. Reads `job.json`, runs the stage's bundle,
 * and writes `result.json` last, by rename: without it the stage has crashed.
 */
async function main(folder: string): Promise<void> {
  crashPoint('stage:begun');
  const job = JSON.parse(readFileSync(join(folder, 'job.json'), 'utf8')) as Job;
  stacks = new Stacks(job.user?.maps ?? {});
  const stopping = new AbortController();
  // Each one: a system that ends all processes of a session or a job sends another than the engine's, and this one saves.
  process.on('SIGTERM', () => stopping.abort());
  const events = openSync(join(folder, 'events.jsonl'), 'a');
  const result = await runStage(job, stageContext(job, events, stopping.signal));
  closeSync(events);
  writeWhole(
    join(folder, 'result.json'),
    `${JSON.stringify({ ...result, peakMemory: peakMemory() }, null, 2)}\n`,
  );
  // Handles that the stage left open must not keep the process alive.
  process.exit(0);
}

/** A bundle of a built-in stage. */
interface OwnModule {
  readonly run: (context: StageContext<Job['params']>) => Promise<Result<StageReport>>;
}

/** Bytes. Node gives KiB (getrusage). */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function runStage(job: Job, context: StageContext<Job['params']>): Promise<JobResult> {
  if (job.bundle === null) throw new Error(`Internal error: ${job.stage} has no bundle`);
  try {
    const module: unknown = await import(pathToFileURL(job.bundle).href);
    if (job.user !== undefined) return await runUserStage(job, module as UserModule, context, job.user);
    const result = await (module as OwnModule).run(context);
    return result.ok ? result.value : { status: 'failed', faults: result.faults };
  } catch (error) {
    return failure(job, error);
  }
}

/**
 * Message and stack; of a full disk, which is no bug, only the message. Node itself would also quote the line of the
 * throw, and a stage's bundle is one line of hundreds of kilobytes; a syntax error has such a quote in its stack. How this
 * file came to call the stage says nothing.
 */
function printError(error: unknown): void {
  const stack = error instanceof Error && !isFull(error) ? error.stack : undefined;
  const text =
    (stack === undefined ? undefined : stacks.readable(stack)) ??
    (error instanceof Error ? error.message : String(error));
  const lines = text
    .split('\n')
    .filter((line) => !line.includes(import.meta.url))
    .map((line) => cutLine(line, longestQuote));
  writeSync(2, `${lines.join('\n')}\n`);
}

function failure(job: Job, error: unknown): JobResult {
  // The bundle has its own copy of the class, so that `instanceof` alone would miss its faults.
  if (error instanceof FaultError) return { status: 'failed', faults: error.faults };
  if (error instanceof Error && error.name === 'FaultError' && 'faults' in error) {
    return { status: 'failed', faults: error.faults as FaultError['faults'] };
  }
  if (isFull(error)) {
    return {
      status: 'failed',
      faults: [
        {
          code: 'ERS_DISK_FULL',
          message: `No space was left on the disk while ${job.stage} ran; nothing was recorded.`,
          hint: 'Free some space and run again.',
        },
      ],
    };
  }
  printError(error);
  const { trail = '', ...where } = job.user === undefined ? {} : whereItThrew(error, stacks, job.user);
  return {
    status: 'failed',
    faults: [
      {
        code: 'ERS_STAGE_CRASHED',
        message: `${job.stage} crashed: ${sentence(error instanceof Error ? error.message : String(error))}${trail}`,
        ...where,
        hint: 'This is a bug of the stage: the stack is in its log below .ers/runs.',
      },
    ],
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

// Thrown where nobody awaits it: there is no result to write, so that the engine says that the stage crashed.
process.on('uncaughtException', (error) => {
  printError(error);
  process.exit(1);
});

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('Internal error: child.mjs needs the folder of an attempt');
await main(folder);
