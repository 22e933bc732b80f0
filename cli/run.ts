import { availableParallelism } from 'node:os';
import { plan, run, type PlanRequest, type Project } from '../engine/index.ts';
import { sayPlanCount } from '../ui/say.ts';
import { exitCodes } from './exit-codes.ts';
import { orThrow, withFaults } from './faults.ts';
import { takeSignals } from './interrupt.ts';
import type { Io } from './io.ts';
import { artifactsOf, openHere, stagesNamed, type PipelineOptions, type Where } from './open.ts';
import { planLines } from './plan-lines.ts';
import { RunningAttempts } from './running-attempts.ts';
import { openView, type ViewMode } from './view.ts';

export interface RunOptions extends PipelineOptions {
  readonly force?: true;
  readonly only?: true;
  readonly keepGoing?: true;
  readonly dry?: true;
  readonly jobs: number;
  readonly plain?: true;
  readonly json?: true;
}

/** `ers run`: makes what is stale, or prints the plan with `--dry`. */
export function runCommand(
  stages: readonly string[],
  options: RunOptions,
  io: Io,
  where: Where,
): Promise<number> {
  return withFaults(io, async () => {
    const project = await openHere(options, io, where);
    const { pipeline } = project;
    const named = stagesNamed(stages, pipeline);
    const force = options.force === true;
    const targets = force && named.length === 0 ? pipeline.default : named;
    const request = { targets, force, only: options.only === true };
    if (options.dry === true) return printPlan(project, request, options.json === true, io);

    if (force && named.length === 0 && options.json !== true) {
      io.out(`ers run --force without a stage makes the default anew: ${targets.join(', ')}`);
    }
    const view = openView(modeOf(options, io), io, artifactsOf(pipeline, io.cwd));
    const running = new RunningAttempts();
    const interrupt = takeSignals(view.stopAsked, () => {
      running.kill();
      view.abandon();
      process.exit(exitCodes.interrupted);
    });
    const onCrash = () => running.kill();
    process.once('uncaughtExceptionMonitor', onCrash);
    try {
      return await run(
        project,
        { ...request, ...(options.keepGoing === true ? { keepGoing: true } : {}) },
        {
          emit: (event) => {
            running.follow(event);
            view.emit(event);
          },
          signal: interrupt.stop,
          jobs: options.jobs,
          cores: options.cores ?? availableParallelism(),
        },
      );
    } finally {
      await view.close();
      process.off('uncaughtExceptionMonitor', onCrash);
      interrupt.dispose();
    }
  });
}

function modeOf(options: RunOptions, io: Io): ViewMode {
  if (options.json === true) return 'json';
  return options.plain === true || !io.interactive ? 'plain' : 'screen';
}

async function printPlan(project: Project, request: PlanRequest, json: boolean, io: Io): Promise<number> {
  const { stages } = orThrow(await plan(project, request));
  if (json) io.out(JSON.stringify({ stages }, undefined, 2));
  else {
    for (const line of planLines(stages, io.paint)) io.out(line);
    io.out(`ers run --dry: ${sayPlanCount(stages)}; nothing was changed`);
  }
  return exitCodes.ok;
}
