import { runExperiments, type ExperimentsEnd } from '../engine/experiments/run.ts';
import { plural } from '../ui/units.ts';
import { commandLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { nameSweep } from './exp-names.ts';
import { openSweep } from './exp-open.ts';
import { few } from './few.ts';
import type { Io } from './io.ts';
import { stagesNamed, type Where } from './open.ts';
import { mannerOf, type RunOptions } from './run-options.ts';
import { watchRun } from './watch-run.ts';

/** `ers run -S key=value`: experiments, which leave `artifacts/` as it is. Throws `FaultError` before anything starts. */
export async function runSweep(
  stages: readonly string[],
  options: RunOptions,
  io: Io,
  where: Where,
): Promise<number> {
  const sweep = await openSweep(options, io, where);
  const { project } = sweep;
  const targets = stagesNamed(stages, project.pipeline);
  const { members, config } = nameSweep(sweep, options, io, where);
  const request = {
    ...{ targets, force: options.force === true, only: options.only === true },
    ...mannerOf(options),
    config,
  };
  let end: ExperimentsEnd | undefined;
  const exitCode = await watchRun(options, io, {}, async (runIo) => {
    end = await runExperiments(project, members, request, runIo);
    return end.exitCode;
  });
  const isTold = options.json === true || exitCode === exitCodes.usage;
  if (end !== undefined && !isTold) for (const line of endLines(end, options)) io.out(line);
  return exitCode;
}

/** How many came out how, and where to look. */
function endLines({ ended }: ExperimentsEnd, options: RunOptions): readonly string[] {
  const [only, ...others] = ended;
  if (only !== undefined && others.length === 0) {
    return [
      `ers run: experiment ${only.name} ${only.status}. See: ${commandLine(['exp', 'show', only.name], options)}`,
    ];
  }
  const counts = (['done', 'failed', 'stopped'] as const).flatMap((status) => {
    const names = ended.filter((each) => each.status === status).map(({ name }) => name);
    if (names.length === 0) return [];
    return status === 'done' ? [`${names.length} done`] : [`${names.length} ${status} (${few(names)})`];
  });
  return [
    `ers run: ${plural(ended.length, 'experiment')}: ${counts.join(', ')}. See: ${commandLine(['exp', 'show'], options)}`,
  ];
}
