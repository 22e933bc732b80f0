import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FaultError } from '../base/fault.ts';
import type { EngineEvent } from '../engine/events.ts';
import { writeWhole } from '../cache/state-file.ts';
import { asSystemError, sayErrno } from '../base/system-error.ts';
import { isTraced, traceStart, traceText, type TimedEvent } from '../ui/trace.ts';
import type { Io } from './io.ts';

/** `ers run --trace FILE`: one more reader of events. */
export interface TraceFile {
  readonly add: (event: EngineEvent) => void;
  /** Writes what was recorded; false if the system refused, which is said on stderr. */
  readonly write: () => boolean;
}

/**
 * Begins a recording. The file is written at once with nothing in it: what cannot be written is found before anything
 * runs, and what a killed run leaves is a trace too. A file that is there is replaced only if it is a trace, or
 * empty. Throws `FaultError` ERS_USAGE. `clock` in ms, never going back.
 */
export function openTrace(path: string, io: Io, clock: () => number = () => performance.now()): TraceFile {
  const file = resolve(io.cwd, path);
  const started = clock();
  const events: TimedEvent[] = [];
  const problem = findOther(file) ?? tryWrite(file, traceText([], 0));
  if (problem !== undefined) {
    throw new FaultError({
      code: 'ERS_USAGE',
      message: `The trace cannot be written to ${path}: ${problem}.`,
      hint: 'Name a new file, or an older trace, in a folder that is there and may be written to.',
    });
  }
  return {
    add: (event) => {
      if (isTraced(event)) events.push({ at: clock() - started, event });
    },
    write: () => {
      const refused = tryWrite(file, traceText(events, clock() - started));
      if (refused !== undefined) io.err(`The trace cannot be written to ${path}: ${refused}.`);
      return refused === undefined;
    },
  };
}

/** What speaks against replacing what lies there. */
function findOther(file: string): string | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined || (stats.isFile() && stats.size === 0)) return undefined;
    if (stats.isFile() && readFileSync(file, 'utf8').startsWith(traceStart)) return undefined;
    return 'something lies there that is no trace, and would be lost';
  } catch (error) {
    const system = asSystemError(error);
    if (system === undefined) throw error;
    return sayErrno(system.code);
  }
}

function tryWrite(file: string, text: string): string | undefined {
  try {
    // Would be made, and nobody asked for it.
    statSync(dirname(file));
    writeWhole(file, text);
    return undefined;
  } catch (error) {
    const system = asSystemError(error);
    if (system === undefined) throw error;
    return sayErrno(system.code);
  }
}
