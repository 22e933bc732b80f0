import type { HashProgress, HashStep } from '../cache/watch.ts';
import { plural, sayBytes, saySeconds, sayShare } from '../ui/units.ts';
import { isInteractive, type Io } from './io.ts';

/** Reading that takes no longer is not spoken of, ms. */
const quietMs = 1000;
/** The line is drawn at most this often, ms. */
const everyMs = 250;

/** One line of stderr that says how far the reading of inputs is, drawn over again. */
export interface ReadingLine {
  readonly progress: HashProgress;
  /** Takes the line away, and draws no further one. */
  readonly close: () => void;
}

/** The line for the terminal that stderr is; where it is none, nothing is ever written. Its clock starts now. */
export function readingLine({ stderr, env, now, writeError }: Io): ReadingLine {
  let open = isInteractive(stderr.isTTY, env);
  const started = now();
  let drawn: number | undefined;
  let files = 0;
  let bytes = 0;
  return {
    progress: (step) => {
      if (!open) return;
      files += step.files;
      bytes += step.bytes;
      const at = now();
      if (at - started < quietMs || (drawn !== undefined && at - drawn < everyMs)) return;
      drawn = at;
      const line = sayReading({ ...step, files, bytes }, (at - started) / 1000);
      // A line that wraps could not be taken away again.
      writeError(`\r${line.slice(0, (stderr.columns || 80) - 1)}\u001b[K`);
    },
    close: () => {
      open = false;
      if (drawn !== undefined) writeError('\r\u001b[K');
      drawn = undefined;
    },
  };
}

/** What was read of all inputs in so many seconds, and how far the present one is: `reading inputs: 3.20 GB, 412 files, 1.60 GB/s; 25 % of this one, 1.9 s left`. */
export function sayReading({ files, bytes, done, total }: HashStep, seconds: number): string {
  const rate = bytes / seconds;
  const read = [sayBytes(bytes), ...(files > 0 ? [plural(files, 'file')] : []), `${sayBytes(rate)}/s`];
  const line = `reading inputs: ${read.join(', ')}`;
  if (total === undefined || rate <= 0) return line;
  return `${line}; ${sayShare(done, total)} of this one, ${saySeconds(Math.max(0, total - done) / rate)} left`;
}
