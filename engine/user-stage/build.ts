import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Fault } from '../../base/fault.ts';
import { sweepTemporaries, temporaryFor } from '../../cache/temporary.ts';
import { parseJson } from '../../base/parse-json.ts';
import { readIfThere } from '../../cache/state-file.ts';
import type { BuildRequest, BuildResult } from './build-result.ts';
import { makeUserStagesFolder } from './entry.ts';

/** How long a user’s file may take to be loaded, ms. It only has to say what the stage is; a machine with much to do needs seconds for that. */
export const loadingLimitMs = 60_000;

/**
 * Builds a stage of the user in a process of its own, since the compiler and the user's code are no part of the engine's.
 * Throws what the system says where `.ers` cannot be written.
 */
export async function buildUserStage(
  root: string,
  entry: string,
  { dist, build, limitMs }: { readonly dist: string; readonly build: string; readonly limitMs: number },
): Promise<BuildResult> {
  const folder = makeUserStagesFolder(root);
  // What a build that was interrupted left: a stage that was not built is built now.
  sweepTemporaries(folder);
  const scratch = temporaryFor(join(folder, 'building'));
  mkdirSync(scratch);
  try {
    const result = join(scratch, 'result.json');
    const request: BuildRequest = { root, entry, ers: dirname(dist), folder, result, limitMs };
    const { signal, said } = await runBuilder(join(dist, build, 'user-stage.mjs'), request);
    const answer = parseJson(readIfThere(result) ?? '') as BuildResult | undefined;
    if (answer !== undefined) return answer;
    if (signal === null) throw new Error(`Internal error: ${entry} could not be built. ${said}`);
    return { status: 'failed', faults: [ended(entry, signal)], sources: {} };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function ended(entry: string, signal: NodeJS.Signals): Fault {
  return {
    code: 'ERS_STAGE_DEFINITION',
    message: `The process that loads the stage was ended by ${signal}.`,
    place: { file: entry },
    hint: 'Only `run` may do work: see that the top of the file, and of what it imports, ends no process. Too little memory shows so too.',
  };
}

interface BuilderEnd {
  readonly signal: NodeJS.Signals | null;
  /** How it ended and what it printed, for the case that it left no answer. */
  readonly said: string;
}

function runBuilder(program: string, request: BuildRequest): Promise<BuilderEnd> {
  const child = spawn(process.execPath, [program, JSON.stringify(request)], {
    cwd: request.root,
    // Our end of its stdin closes when we are killed: then it ends too.
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) =>
      done({ signal, said: `It ended with exit code ${code ?? 0}: ${Buffer.concat(said).toString()}` }),
    );
  });
}
