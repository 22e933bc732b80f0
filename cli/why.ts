import { why } from '../engine/index.ts';
import type { Why } from '../engine/why.ts';
import { sayInFull, sayReason } from '../engine/reasons.ts';
import { sayProgress } from '../ui/say.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openHere, stagesNamed, type PipelineOptions, type Where } from './open.ts';
import { planLines } from './plan-lines.ts';

/** `ers why STAGE`: every reason, not only the first ones, and what was compared; of a matrix all members in turn. */
export function whyCommand(
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const told: Why[] = [];
    for (const stage of stagesNamed([name], project.pipeline)) told.push(orThrow(await why(project, stage)));
    if (options.json === true) {
      io.out(JSON.stringify(told.length === 1 ? told[0] : { stages: told }, undefined, 2));
    } else for (const each of told) for (const line of whyLines(each, io)) io.out(line);
    return exitCodes.ok;
  });
}

function whyLines(said: Why, io: Io): readonly string[] {
  const lines = said.reasons.flatMap(sayInFull);
  // A line of the plan leaves out what would not fit on it.
  const isShort = lines.length < 2 && said.reasons.every((reason) => sayReason(reason) === lines[0]);
  return [
    ...(isShort
      ? planLines([said], io.paint)
      : [`${said.stage}  ${said.state}`, ...[...lines, ...sayProgress(said)].map((line) => `  ${line}`)]),
    ...said.compared.map((sentence) => io.paint('why', `  ${sentence}`)),
  ];
}
