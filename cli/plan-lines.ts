import type { PlannedStage, PlanState } from '../engine/events.ts';
import type { Survey } from '../engine/index.ts';
import type { Paint, Role } from '../ui/roles.ts';
import { whyLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonFaults, printFaults } from './faults.ts';
import type { Io } from './io.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { nameColumn, planWord, sayPlanned } from '../ui/say.ts';

const roles = {
  cached: 'cached',
  recorded: 'cached',
  frozen: 'cached',
  run: 'running',
  maybe: 'warning',
} as const satisfies Record<PlanState, Role>;

/** The plan that these options make as `status` and `run --dry` print it: a line a stage, with state and reasons. */
export function planLines(
  stages: readonly PlannedStage[],
  paint: Paint,
  options: PipelineOptions,
): readonly string[] {
  const width = nameColumn(stages);
  const why = whyLine(options);
  return stages.map(
    (planned) =>
      `${planned.stage.padEnd(width)}  ${paint(planned.faults === undefined ? roles[planned.state] : 'failed', planWord(planned).padEnd(9))}  ${sayPlanned(planned, why)}`,
  );
}

/** Prints a plan. Faults come after it, in full, since nothing runs before they are mended; gives the exit code. */
export function printPlan(
  { stages, faults }: Survey,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
): number {
  const isWhole = faults.length === 0;
  if (options.json === true)
    io.out(isWhole ? JSON.stringify({ stages }, undefined, 2) : jsonFaults(faults, stages));
  else {
    for (const line of planLines(stages, io.paint, options)) io.out(line);
    if (!isWhole) printFaults(faults, io);
  }
  return isWhole ? exitCodes.ok : exitCodes.usage;
}
