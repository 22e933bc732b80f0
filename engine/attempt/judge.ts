import { constants } from 'node:os';
import { posix } from 'node:path';
import type { Fault, FaultCode } from '../../base/fault.ts';
import { placed } from '../definition/placed.ts';
import type { Stage } from '../definition/types.ts';
import { parseJson } from '../../base/parse-json.ts';
import { readIfThere } from '../../cache/state-file.ts';
import type { JobResult } from './job.ts';
import type { Ended } from './process.ts';

/** How a stage's process ended, in the words of its contract. */
export type Judgement = JobResult & {
  /** The stage said itself that it cannot go on, so that its checkpoint is of no more use. A crash says nothing of the kind. */
  readonly final: boolean;
  /** It failed in a way that another attempt may not. */
  readonly again: boolean;
};

/** Reads `result.json` and the exit status: a built-in stage that left no result has crashed. */
export function judge(stage: Stage, ended: Ended, resultFile: string): Judgement {
  const failed = (final: boolean, fault: Fault, again = true): Judgement => ({
    status: 'failed',
    faults: [fault],
    final,
    again,
  });
  // It did not come to say anything: what an earlier attempt left is as good as before.
  if (ended.type === 'not-started') return failed(false, notStarted(stage, ended.errno), false);
  if (ended.left.length > 0) return failed(true, unended(stage, ended.left), false);
  if (ended.type === 'timeout') return failed(false, timedOut(stage, ended.lastLines));
  if (isDiskFull(ended.lastLines) && !(ended.type === 'exit' && ended.code === 0)) {
    return failed(false, diskFull(stage), false);
  }
  const signal = signalOf(stage, ended);
  if (ended.type === 'signal' || signal !== undefined) {
    return failed(false, {
      code: 'ERS_STAGE_CRASHED',
      message: `${stage.name} was ended by ${signal ?? 'a signal'}${tail(ended.lastLines)}`,
      place: stage.place,
      hint: signal === 'SIGKILL' ? 'Memory may have run out: the system ends a process so.' : logHint,
    });
  }
  if (stage.program.type === 'command') {
    return ended.code === 0
      ? { status: 'done', final: true, again: false }
      : failed(true, {
          code: 'ERS_STAGE_FAILED',
          message: `${stage.name} ended with exit code ${ended.code}${tail(ended.lastLines)}`,
          place: stage.place,
          hint: strayPathHint(stage, stage.program.template) ?? besideHint(stage, ended.lastLines) ?? logHint,
        });
  }
  const result = parseJson(readIfThere(resultFile) ?? '') as JobResult | undefined;
  if (result !== undefined) {
    const has = (code: FaultCode) =>
      result.status === 'failed' && result.faults.some((fault) => fault.code === code);
    const full = has('ERS_DISK_FULL');
    const told =
      result.status === 'failed'
        ? { ...result, faults: result.faults.map((fault) => placed(stage, fault)) }
        : result;
    return { ...told, final: !full && !has('ERS_STAGE_CRASHED'), again: result.status === 'failed' && !full };
  }
  return failed(false, {
    code: 'ERS_STAGE_CRASHED',
    message: `${stage.name} ended with exit code ${ended.code} and left no result${tail(ended.lastLines)}`,
    place: stage.place,
    hint: noResultHints[ended.code] ?? logHint,
  });
}

/** By exit code; 13 is Node's for a program that ends while it awaits. */
const noResultHints: Readonly<Record<number, string>> = {
  0: 'A stage is done when `run` returns: take process.exit() out of it and of what it calls.',
  13: 'It awaits something that never comes, so that nothing was left to do: see that every promise in `run` is settled.',
};

/** The stage ran out of space; its checkpoint stays. */
export function diskFull(stage: Stage): Fault {
  return {
    code: 'ERS_DISK_FULL',
    message: `No space was left on the disk while ${stage.name} ran; nothing was recorded.`,
    hint: 'Free some space and run again.',
  };
}

/** What these still write nobody can tell. */
function unended(stage: Stage, left: readonly number[]): Fault {
  return {
    code: 'ERS_STAGE_FAILED',
    message: `${stage.name} left ${left.length === 1 ? 'a process' : 'processes'} running that cannot be ended: ${left.join(', ')}. Nothing was recorded.`,
    place: stage.place,
    hint: 'It runs as another user (sudo), or is stuck in the system: see what it is with `ps`, and let the stage wait for it.',
  };
}

const logHint = "All that it printed is in the stage's log below .ers/runs.";

function notStarted(stage: Stage, errno: string): Fault {
  const { program } = stage;
  const name =
    program.type === 'uses' ? 'node' : typeof program.template === 'string' ? '/bin/sh' : program.template[0];
  const why: Readonly<Record<string, string>> = {
    ENOENT: 'was not found',
    // Node's word for a program that is no text: a param that is empty, for instance.
    ERR_INVALID_ARG_VALUE: 'gives an empty text',
    EMFILE: 'could not be given its pipes, because too many files are open (EMFILE, see ulimit -n)',
    EAGAIN: 'could not be started, because too many processes run (EAGAIN, see ulimit -u)',
    E2BIG: 'was given arguments or values that are too long for the system (E2BIG)',
  };
  return {
    code: 'ERS_STAGE_FAILED',
    message: `${stage.name} could not start: ${name === '' || name === undefined ? 'its program' : name} ${why[errno] ?? `gave ${errno}`}.`,
    place: stage.place,
    hint:
      errno === 'E2BIG'
        ? 'Write long values into a file that is an input, and give {deps.NAME}.'
        : 'Name a program that lies on the PATH and may be executed, or give its file as an input and write {deps.NAME}.',
  };
}

function timedOut(stage: Stage, lastLines: readonly string[]): Fault {
  return {
    code: 'ERS_STAGE_TIMEOUT',
    message: `${stage.name} took longer than its timeout of ${stage.timeout ?? 0} s and was ended${tail(lastLines)}`,
    place: stage.place,
    hint: 'Give it more time, or look in its log below .ers/runs for what it waited for.',
  };
}

/** A shell tells the end of its last program by signal n as exit code 128 + n (POSIX, "Exit Status for Commands"). */
function signalOf(
  { program }: Stage,
  ended: Extract<Ended, { type: 'exit' | 'signal' }>,
): string | undefined {
  if (ended.type === 'signal') return ended.signal;
  if (program.type !== 'command' || typeof program.template !== 'string') return undefined;
  return Object.entries(constants.signals).find(([, number]) => number + 128 === ended.code)?.[0];
}

function isDiskFull(lines: readonly string[]): boolean {
  return lines.some((line) => /\bENOSPC\b|No space left on device/.test(line));
}

function tail(lines: readonly string[]): string {
  return lines.length === 0 ? '.' : `:\n${lines.join('\n')}`;
}

/** A command starts in an empty folder: a dep's own path in it is the likeliest reason of a file not found. */
function strayPathHint(stage: Stage, template: string | readonly string[]): string | undefined {
  const words = typeof template === 'string' ? template.split(/\s+/) : template;
  for (const [name, dep] of Object.entries(stage.deps)) {
    if (dep.type === 'path' && words.includes(dep.path)) {
      return `A command starts in an empty folder: write {deps.${name}} for ${dep.path}.`;
    }
  }
  return undefined;
}

/** A script that is an input of its own lies alone (`copy-inputs.ts`): what it imports from beside it is not there. */
function besideHint(stage: Stage, lines: readonly string[]): string | undefined {
  if (!lines.some((line) => notFound.test(line))) return undefined;
  for (const [name, dep] of Object.entries(stage.deps)) {
    if (dep.type !== 'path' || !/\.(py|R|r|jl|[cm]?[jt]s)$/.test(dep.path)) continue;
    const { dir, base } = posix.parse(dep.path);
    const folder = dir === '' ? 'src/' : `${dir}/`;
    return `A script given as one file is alone: if it needs files that lie beside ${base}, give their folder, ${name}: ${folder}, and write {deps.${name}}/${base}.`;
  }
  return undefined;
}

/** Of Python, Node, R and Julia. */
const notFound =
  /ModuleNotFoundError: |ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|cannot open file '|SystemError: opening file/;
