import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FaultError, type Fault } from '../base/fault.ts';
import { showFault } from '../engine/definition/show-fault.ts';
import type { PlannedStage } from '../engine/events.ts';
import { exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';

/** Prints faults to stderr, each in full with the line it points at; as JSON to stdout, where the answer is looked for. */
export function printFaults(faults: readonly Fault[], io: Io): void {
  if (io.json) {
    io.out(jsonFaults(faults));
    return;
  }
  for (const fault of faults) io.err(showFault(fault, (file) => textOf(resolve(io.cwd, file))));
}

/** One line, the same for commands that print one value and for those that print lines (docs/json.md). `stages`: of a plan. */
export function jsonFaults(faults: readonly Fault[], stages?: readonly PlannedStage[]): string {
  return JSON.stringify({ type: 'faults', faults, stages });
}

/** Only to show a line of it: what cannot be read, or is no text, is not shown. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Runs a command's work; faults that it throws are printed and give exit code 2, bugs keep flying. */
export async function withFaults(io: Io, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    printFaults(error.faults, io);
    return exitCodes.usage;
  }
}

/** The value of a result, or a throw of its faults to the command's door. */
export function orThrow<T>(
  result:
    { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] },
): T {
  if (!result.ok) throw new FaultError(...result.faults);
  return result.value;
}
