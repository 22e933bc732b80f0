import { relative, resolve } from 'node:path';
import type { StageName } from '../engine/definition/types.ts';
import { experimentNames, readExperiment } from '../engine/experiments/files.ts';
import { asOptions } from '../engine/experiments/sweep.ts';
import { why, type Project } from '../engine/index.ts';
import { sayInFull, sayReason } from '../engine/reasons.ts';
import type { Why } from '../engine/why/why.ts';
import { planWord, sayProgress } from '../ui/say.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { openPlan } from './exp-open.ts';
import { openHere, type Where } from './open.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { planLines } from './plan-lines.ts';
import { whileReading } from './while-reading.ts';

/** `ers why STAGE`: every reason, not only the first ones, and what was compared; of a matrix all members in turn. */
export function whyCommand(
  name: string,
  options: PipelineOptions & { readonly json?: true },
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const { project, stages } = await openStage(name, options, io, where);
    return whileReading(project, io, async (read) => {
      const said = await Promise.all(stages.map(async (stage) => orThrow(await why(read, stage))));
      return () => {
        const [first, ...others] = said;
        if (options.json === true) {
          io.out(JSON.stringify(others.length === 0 ? first : { stages: said }, undefined, 2));
        } else for (const line of said.flatMap((each) => whyLines(each, options, io))) io.out(line);
        return exitCodes.ok;
      };
    });
  });
}

/** The stage of that name, of each experiment if `-S` names several; `train@lr-0.001` as that experiment has it. */
async function openStage(
  name: string,
  options: PipelineOptions,
  io: Io,
  where: Where,
): Promise<{ readonly project: Project; readonly stages: readonly StageName[] }> {
  const opened = await openPlan(options, io, where);
  const { project } = opened;
  const { stages } = project.pipeline;
  const tried = experimentNames(project).find((each) => name.endsWith(`@${each}`));
  const stage = name.slice(0, name.length - (tried ?? '').length - 1) as StageName;
  if (
    tried === undefined ||
    options.set !== undefined ||
    stages.has(name as StageName) ||
    !stages.has(stage)
  ) {
    return { project, stages: opened.stagesNamed([name]) };
  }
  const { overrides, config } = orThrow(readExperiment(project, tried));
  const set = asOptions(overrides);
  const own = config === null ? {} : { config: relative(io.cwd, resolve(project.pipeline.root, config)) };
  return { project: await openHere({ ...options, ...own, set }, io, where), stages: [stage] };
}

function whyLines(said: Why, options: PipelineOptions, io: Io): readonly string[] {
  const lines = said.reasons.flatMap(sayInFull);
  // A line of the plan leaves out what would not fit on it.
  const isShort = lines.length < 2 && said.reasons.every((reason) => sayReason(reason) === lines[0]);
  return [
    ...(isShort
      ? planLines([said], io.paint, options)
      : [`${said.stage}  ${planWord(said)}`, ...[...lines, ...sayProgress(said)].map((line) => `  ${line}`)]),
    ...said.compared.map((sentence) => io.paint('why', `  ${sentence}`)),
  ];
}
