import { plan } from '../engine/index.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openPlan } from './exp-open.ts';
import type { PipelineOptions, Where } from './open.ts';
import { planLines } from './plan-lines.ts';

/** `ers status`: what a plain `ers run` would do, a line a stage. */
export function statusCommand(
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const { project } = await openPlan(options, io, where);
    const { stages } = orThrow(await plan(project, { targets: [], force: false, only: false }));
    if (options.json === true) io.out(JSON.stringify({ stages }, undefined, 2));
    else for (const line of planLines(stages, io.paint)) io.out(line);
    return exitCodes.ok;
  });
}
