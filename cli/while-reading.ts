import { Interrupted } from '../cache/watch.ts';
import type { Project } from '../engine/index.ts';
import { saveLearnt, watched } from '../engine/project/watched.ts';
import { exitCodes } from './exit-codes.ts';
import { takeSignals } from './interrupt.ts';
import type { Io } from './io.ts';
import { readingLine } from './reading-line.ts';

/**
 * Does what may have to read inputs and outs for long, and then says what it resolves to. A terminal shows how far the
 * reading is. It can be stopped meanwhile: exit code 130. What was read is kept, so that no later command reads it again.
 */
export async function whileReading(
  project: Project,
  io: Io,
  work: (project: Project) => Promise<() => number>,
): Promise<number> {
  const reading = readingLine(io);
  const interrupt = takeSignals(
    () => {
      reading.close();
      io.err('ers: stopping (once more to leave at once)');
    },
    () => process.exit(exitCodes.interrupted),
  );
  try {
    const say = await work(watched(project, { signal: interrupt.stop, progress: reading.progress }));
    reading.close();
    return say();
  } catch (error) {
    if (error instanceof Interrupted) return exitCodes.interrupted;
    throw error;
  } finally {
    reading.close();
    await saveLearnt(project);
    interrupt.dispose();
  }
}
