import { plural, sayBytes, saySeconds, sayShare } from '../ui/units.ts';
import type { Io } from './io.ts';

/** How one stored output is. `bytes`: as it was stored. */
export interface Checked {
  readonly stage: string;
  readonly out: string;
  /** `collected`: its bytes were removed by `ers gc`; `quarantined`: it was found damaged before and not made again since. */
  readonly state: 'intact' | 'collected' | 'quarantined' | 'damaged';
  readonly bytes: number;
  /** Of a damaged one, the files that are not what its list says. */
  readonly files: readonly string[];
  /** Of a damaged one, whether `artifacts/` shows it. */
  readonly current?: boolean;
  /** Where a damaged one was moved. */
  readonly moved?: string;
}

/** A reader of what `ers verify` finds. */
export interface VerifyView {
  readonly checked: (checked: Checked) => void;
  /** All is told; `records`: names of damaged ones. `complete` false: it was interrupted. */
  readonly verified: (records: readonly string[], complete: boolean) => void;
  readonly close: () => void;
}

interface Work {
  /** Bytes to read in all. */
  readonly total: number;
  /** Bytes read so far. */
  readonly bytes: () => number;
  readonly readOnly: boolean;
}

/** How often progress is told, ms: redrawn on a screen, as an event, as a line. */
const everyMs = { screen: 250, json: 1000, lines: 10_000 } as const;

export function verifyView(json: boolean, io: Io, work: Work): VerifyView {
  const mode = json ? 'json' : io.interactive ? 'screen' : 'lines';
  const started = io.now();
  const counts = { intact: 0, collected: 0, quarantined: 0, damaged: 0 };
  const clear = (): void => {
    if (mode === 'screen') io.write('\r\u001b[K');
  };
  const progress = (): void => {
    const bytes = work.bytes();
    const seconds = (io.now() - started) / 1000;
    const bytesPerSecond = seconds > 0 ? bytes / seconds : 0;
    const secondsLeft = bytesPerSecond > 0 ? Math.max(0, work.total - bytes) / bytesPerSecond : null;
    if (mode === 'json') {
      io.out(JSON.stringify({ type: 'progress', bytes, total: work.total, bytesPerSecond, secondsLeft }));
      return;
    }
    const left = secondsLeft === null ? '' : `, ${saySeconds(secondsLeft)} left`;
    const line = `verify  ${sayShare(bytes, work.total)}  ${sayBytes(bytes)} of ${sayBytes(work.total)}, ${sayBytes(bytesPerSecond)}/s${left}`;
    if (mode === 'lines') io.out(line);
    else io.write(`\r${line}\u001b[K`);
  };
  const timer = setInterval(progress, everyMs[mode]);
  return {
    checked: (checked) => {
      counts[checked.state] += 1;
      if (mode === 'json') io.out(JSON.stringify({ type: 'checked', ...checked }));
      else if (checked.state === 'damaged') {
        clear();
        for (const line of damageLines(checked, work.readOnly, io)) io.out(line);
      }
    },
    verified: (records, complete) => {
      clearInterval(timer);
      const [bytes, seconds] = [work.bytes(), (io.now() - started) / 1000];
      if (mode === 'json') {
        io.out(JSON.stringify({ type: 'verified', ...counts, records, bytes, seconds, complete }));
        return;
      }
      clear();
      for (const name of records) {
        const moved = work.readOnly ? 'the store is read only: it was not moved' : 'moved to quarantine/';
        io.out(`${io.paint('failed', 'damaged')}  record ${name}`);
        io.out(`  ${moved}; it counts for nothing, and the next ers run makes what it needs again`);
      }
      if (!complete) io.out(`ers verify was interrupted after ${sayBytes(bytes)} of ${sayBytes(work.total)}`);
      io.out(sayCounts(counts, bytes));
    },
    close: () => clearInterval(timer),
  };
}

function damageLines(
  { stage, out, files, current, moved }: Checked,
  readOnly: boolean,
  io: Io,
): readonly string[] {
  const shown = files.slice(0, 3).join(', ');
  const which = files.length > 3 ? `${shown} and ${files.length - 3} more` : shown;
  const again =
    current === true
      ? 'the next ers run makes it again'
      : 'it is of an older result, and is made again when a run needs it';
  return [
    `${io.paint('failed', 'damaged')}  ${stage}:${out}${which === '' ? '' : ` (${which})`}`,
    readOnly
      ? '  the store is read only: nothing was moved'
      : `  ${moved === undefined ? 'another process moved it' : `moved to ${moved}`}; ${again}`,
  ];
}

function sayCounts(
  { intact, damaged, collected, quarantined }: Readonly<Record<Checked['state'], number>>,
  bytes: number,
): string {
  const rest = [
    ...(damaged > 0 ? [`${damaged} damaged`] : []),
    ...(quarantined > 0 ? [`${quarantined} found damaged before`] : []),
    ...(collected > 0 ? [`${collected} collected`] : []),
  ];
  return [`${plural(intact, 'artifact')} intact (${sayBytes(bytes)} read)`, ...rest].join(', ');
}
