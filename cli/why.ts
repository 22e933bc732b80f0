import { why } from '../engine/index.ts';
import { sayReason } from '../engine/reasons.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, stagesNamed, type PipelineOptions, type Where } from './open.ts';
import { planLines } from './plan-lines.ts';

/** `ers why STAGE`: every reason, not only the first ones, and what was compared. */
export function whyCommand(
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const [stage] = stagesNamed([name], project.pipeline);
    if (stage === undefined) throw new Error('Internal error: no stage and no fault');
    const said = orThrow(await why(project, stage));
    if (options.json === true) {
      io.out(JSON.stringify(said, undefined, 2));
      return exitCodes.ok;
    }
    if (said.reasons.length > 1) {
      io.out(`${stage}  ${said.state}`);
      for (const reason of said.reasons) io.out(`  ${sayReason(reason)}`);
    } else {
      for (const line of planLines([said], io.paint)) io.out(line);
    }
    for (const sentence of said.compared) io.out(io.paint('why', `  ${sentence}`));
    return exitCodes.ok;
  });
}
