import { why } from '../engine/index.ts';
import { sayInFull, sayReason } from '../engine/reasons.ts';
import { sayProgress } from '../ui/say.ts';
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
    const lines = said.reasons.flatMap(sayInFull);
    // A line of the plan leaves out what would not fit on it.
    const isShort = lines.length < 2 && said.reasons.every((reason) => sayReason(reason) === lines[0]);
    if (!isShort) {
      io.out(`${stage}  ${said.state}`);
      for (const line of [...lines, ...sayProgress(said)]) io.out(`  ${line}`);
    } else {
      for (const line of planLines([said], io.paint)) io.out(line);
    }
    for (const sentence of said.compared) io.out(io.paint('why', `  ${sentence}`));
    return exitCodes.ok;
  });
}
