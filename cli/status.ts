import { survey } from '../engine/index.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openPlan } from './exp-open.ts';
import type { Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { printPlan } from './plan-lines.ts';
import { whileReading } from './while-reading.ts';

/** `ers status`: what a plain `ers run` would do, a line a stage. */
export function statusCommand(
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const { project } = await openPlan(options, io, where);
    return whileReading(project, io, async (read) => {
      const seen = await survey(read, { targets: [], force: false, only: false });
      return () => printPlan(seen, options, io);
    });
  });
}
