import { availableParallelism } from 'node:os';
import type { RunIo } from '../engine/execution/io.ts';
import type { Artifacts } from '../ui/summary.ts';
import { whyLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';
import { takeSignals } from './interrupt.ts';
import type { Io } from './io.ts';
import { readingLine } from './reading-line.ts';
import { openView, type ViewMode } from './open-view.ts';
import type { RunOptions } from './run-options.ts';
import { RunningAttempts } from './running-attempts.ts';
import type { TraceFile } from './trace-file.ts';

/**
 * Runs `work` before the eyes of the user: its events go to the reader that fits and to the trace, signals stop it.
 * `trace`: one that other work has begun; else `--trace` begins its own. Exit code 1 if a trace could not be written.
 */
export async function watchRun(
  options: RunOptions,
  io: Io,
  artifacts: Artifacts,
  work: (runIo: RunIo) => Promise<number>,
  begun?: TraceFile,
): Promise<number> {
  const trace = begun ?? (await traceFor(options, io));
  const view = openView(modeOf(options, io), io, artifacts, whyLine(options));
  const reading = readingLine(io);
  const running = new RunningAttempts();
  const stopAsked = () => {
    reading.close();
    view.stopAsked();
  };
  const interrupt = takeSignals(stopAsked, () => {
    running.kill();
    view.abandon();
    trace?.write();
    process.exit(exitCodes.interrupted);
  });
  const onCrash = () => running.kill();
  process.once('uncaughtExceptionMonitor', onCrash);
  try {
    const exitCode = await work({
      emit: (event) => {
        // The plan is made, and what it says takes the terminal; a warning may come before.
        reading.close();
        running.follow(event);
        view.emit(event);
        trace?.add(event);
      },
      signal: interrupt.stop,
      progress: reading.progress,
      jobs: options.jobs ?? availableParallelism(),
      cores: options.cores ?? availableParallelism(),
    });
    const written = trace?.write() ?? true;
    return written || exitCode !== exitCodes.ok ? exitCode : exitCodes.failed;
  } finally {
    reading.close();
    await view.close();
    process.off('uncaughtExceptionMonitor', onCrash);
    interrupt.dispose();
  }
}

/** What `--trace` asks for; throws `FaultError` if there can be none. */
export async function traceFor({ trace }: RunOptions, io: Io): Promise<TraceFile | undefined> {
  if (trace === undefined) return undefined;
  const { openTrace } = await import('./trace-file.ts');
  return openTrace(trace, io);
}

function modeOf(options: RunOptions, io: Io): ViewMode {
  if (options.json === true) return 'json';
  return options.plain === true || !io.interactive ? 'plain' : 'screen';
}
