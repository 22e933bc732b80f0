import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FaultError } from '../base/fault.ts';
import type { EngineEvent } from '../engine/events.ts';
import { writeWhole } from '../engine/files.ts';
import { asSystemError, sayErrno } from '../engine/system-error.ts';
import { isTraced, traceText, type TimedEvent } from '../ui/trace.ts';
import type { Io } from './io.ts';

/** `ers run --trace FILE`: one more reader of events. */
export interface TraceFile {
  readonly add: (event: EngineEvent) => void;
  /** Writes what was recorded; false if the system refused, which is said on stderr. */
  readonly write: () => boolean;
}

/**
 * Begins a recording. The file is written at once with nothing in it: what cannot be written is found before anything
 * runs, and what a killed run leaves is a trace too. Throws `FaultError` ERS_USAGE. `clock` in ms, never going back.
 */
export function openTrace(path: string, io: Io, clock: () => number = () => performance.now()): TraceFile {
  const file = resolve(io.cwd, path);
  const started = clock();
  const events: TimedEvent[] = [];
  const problem = tryWrite(file, traceText([], 0));
  if (problem !== undefined) {
    throw new FaultError({
      code: 'ERS_USAGE',
      message: `The trace cannot be written to ${path}: ${problem}.`,
      hint: 'Name a file in a folder that is there and may be written to.',
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
