import { run, survey } from '../engine/index.ts';
import { sayPlanCount } from '../ui/say.ts';
import { withFaults } from './faults.ts';
import type { Io } from './io.ts';
import { artifactsOf, openHere, stagesNamed, type Where } from './open.ts';
import { printPlan } from './plan-lines.ts';
import { mannerOf, type RunOptions } from './run-options.ts';
import { watchRun } from './watch-run.ts';
import { whileReading } from './while-reading.ts';

/** `ers run`: makes what is stale, or prints the plan with `--dry`. */
export function runCommand(
  stages: readonly string[],
  options: RunOptions,
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const force = options.force === true;
    const only = options.only === true;
    if (options.checkDeterminism !== undefined) {
      const { checkCommand } = await import('./check-determinism.ts');
      return checkCommand(options.checkDeterminism, stages, options, io, where);
    }
    if (options.dry === true) return dryRun(stages, options, io, where);
    if (options.set !== undefined || options.name !== undefined) {
      const { runSweep } = await import('./exp-run.ts');
      return runSweep(stages, options, io, where);
    }
    const project = await openHere(options, io, where);
    const { pipeline } = project;
    const named = stagesNamed(stages, pipeline);
    const targets = force && named.length === 0 ? pipeline.default : named;
    if (force && named.length === 0 && options.json !== true) {
      io.out(`ers run --force without a stage makes the default anew: ${targets.join(', ')}`);
    }
    const request = { targets, force, only, ...mannerOf(options) };
    return watchRun(options, io, artifactsOf(pipeline, io.cwd), (runIo) => run(project, request, runIo));
  });
}

async function dryRun(stages: readonly string[], options: RunOptions, io: Io, where: Where): Promise<number> {
  const { openPlan } = await import('./exp-open.ts');
  const { nameSweep } = await import('./exp-names.ts');
  const { project, sweep, stagesNamed: named } = await openPlan(options, io, where);
  // What the run itself would refuse.
  if (options.set !== undefined || options.name !== undefined) nameSweep(sweep, options, io, where);
  const request = { targets: named(stages), force: options.force === true, only: options.only === true };
  return whileReading(project, io, async (read) => {
    const seen = await survey(read, request);
    return () => {
      const code = printPlan(seen, options, io);
      if (options.json !== true) io.out(`ers run --dry: ${sayPlanCount(seen.stages)}; nothing was changed`);
      return code;
    };
  });
}
