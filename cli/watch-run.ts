import { availableParallelism } from 'node:os';
import type { RunIo } from '../engine/run.ts';
import type { Artifacts } from '../ui/summary.ts';
import { exitCodes } from './exit-codes.ts';
import { takeSignals } from './interrupt.ts';
import type { Io } from './io.ts';
import type { RunOptions } from './run.ts';
import { RunningAttempts } from './running-attempts.ts';
import { openView, type ViewMode } from './view.ts';

/** Runs `work` before the eyes of the user: its events go to the reader that fits, signals stop it. */
export async function watchRun(
  options: RunOptions,
  io: Io,
  artifacts: Artifacts,
  work: (runIo: RunIo) => Promise<number>,
): Promise<number> {
  const view = openView(modeOf(options, io), io, artifacts);
  const running = new RunningAttempts();
  const interrupt = takeSignals(view.stopAsked, () => {
    running.kill();
    view.abandon();
    process.exit(exitCodes.interrupted);
  });
  const onCrash = () => running.kill();
  process.once('uncaughtExceptionMonitor', onCrash);
  try {
    return await work({
      emit: (event) => {
        running.follow(event);
        view.emit(event);
      },
      signal: interrupt.stop,
      jobs: options.jobs ?? availableParallelism(),
      cores: options.cores ?? availableParallelism(),
    });
  } finally {
    await view.close();
    process.off('uncaughtExceptionMonitor', onCrash);
    interrupt.dispose();
  }
}

function modeOf(options: RunOptions, io: Io): ViewMode {
  if (options.json === true) return 'json';
  return options.plain === true || !io.interactive ? 'plain' : 'screen';
}
