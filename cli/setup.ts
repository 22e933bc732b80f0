import type { RuntimeEvent } from '../runtime/events.ts';
import { ensureRuntime } from '../runtime/install/ensure.ts';
import { removeRuntimes } from '../runtime/install/remove.ts';
import { runtimeBase } from '../runtime/place.ts';
import { rememberDevice, type Device } from '../runtime/variant.ts';
import { faultLines } from '../ui/fault-lines.ts';
import { measure, rateOf, startMeter, timeLeft } from '../ui/meter.ts';
import { sayBytes, saySeconds, sayShare } from '../ui/units.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonFaults } from './faults.ts';

export interface SetupOptions {
  readonly gpu?: boolean;
  readonly cpu?: boolean;
  /** A wheel, or a folder of wheels, to install from instead of the package index. */
  readonly wheel?: string;
  readonly remove?: boolean;
  readonly json?: boolean;
}

export interface SetupIo {
  /** Writes to stdout exactly what it gets: lines come with their newline. */
  readonly out: (text: string) => void;
  /** The same for stderr. */
  readonly error: (text: string) => void;
  readonly signal: AbortSignal;
  /** stdout is a terminal that can redraw a line. */
  readonly isTerminal: boolean;
}

/** `ers setup`: installs native TensorFlow, or checks and repairs what is there, or removes it. Returns the exit code. */
export async function setup(options: SetupOptions, io: SetupIo): Promise<number> {
  if (options.gpu === true && options.cpu === true) {
    io.error('Give --gpu or --cpu, not both. [ERS_USAGE]\n');
    return exitCodes.usage;
  }
  const base = runtimeBase();
  if (options.remove === true) return remove(base, options.json === true, io);
  const device: Device | undefined = options.gpu === true ? 'gpu' : options.cpu === true ? 'cpu' : undefined;
  const show = options.json === true ? jsonLines(io) : io.isTerminal ? oneLine(io) : plainLines(io);
  const result = await ensureRuntime({
    emit: show.event,
    signal: io.signal,
    deep: true,
    ...(device === undefined ? {} : { variant: device }),
    ...(options.wheel === undefined ? {} : { wheel: options.wheel }),
  }).catch((error: unknown) => {
    if (io.signal.aborted && error === io.signal.reason) return undefined;
    throw error;
  });
  show.end();
  if (result === undefined) {
    io.error('Interrupted; nothing was installed. Run `npx ers setup` again.\n');
    return exitCodes.interrupted;
  }
  if (!result.ok) {
    if (options.json === true) io.out(`${jsonFaults(result.faults)}\n`);
    else for (const fault of result.faults) io.error(`${faultLines(fault).join('\n')}\n`);
    return exitCodes.failed;
  }
  // Only what works is chosen for later runs.
  if (device !== undefined) rememberDevice(base, device);
  const { version, variant, dir, bytes, installed } = result.value;
  const verb = installed ? 'is installed' : 'was there already';
  show.event({
    type: 'runtime',
    runtime: 'tensorflow',
    phase: 'ready',
    text: `TensorFlow ${version} (${variant}) ${verb} and works: ${dir}, ${sayBytes(bytes)}`,
  });
  show.end();
  return exitCodes.ok;
}

function remove(base: string, json: boolean, io: SetupIo): number {
  const removed = removeRuntimes(base);
  if (json) {
    for (const each of removed) io.out(`${JSON.stringify({ type: 'removed', ...each })}\n`);
    return exitCodes.ok;
  }
  for (const { dir, bytes } of removed) io.out(`removed ${dir} (${sayBytes(bytes)})\n`);
  if (removed.length === 0) io.out(`nothing to remove in ${base}\n`);
  return exitCodes.ok;
}

interface Show {
  readonly event: (event: RuntimeEvent) => void;
  readonly end: () => void;
}

function jsonLines(io: SetupIo): Show {
  return { event: (event) => io.out(`${JSON.stringify(event)}\n`), end: () => undefined };
}

/** One line a phase: what a log can hold. */
function plainLines(io: SetupIo): Show {
  let last = '';
  return {
    event: ({ phase, text }) => {
      if (`${phase} ${text}` !== last) io.out(`${text}\n`);
      last = `${phase} ${text}`;
    },
    end: () => undefined,
  };
}

/** One line that is drawn again, with rate and time left; what a user must read stays above it. */
function oneLine(io: SetupIo): Show {
  const clear = '\r\u001b[2K';
  let meter = startMeter(5);
  let drawn = false;
  return {
    event: ({ phase, text, done, total }) => {
      if (done === undefined || total === undefined) {
        const stays = phase === 'missing' || phase === 'ready';
        io.out(`${drawn ? clear : ''}${text}${stays ? '\n' : ''}`);
        drawn = !stays;
        return;
      }
      meter = measure(meter, done, performance.now());
      const rate = rateOf(meter);
      const left = timeLeft(meter, total);
      const pace = rate === undefined ? '' : `  ${sayBytes(rate)}/s`;
      const rest = left === undefined || left === 0 ? '' : `  ${saySeconds(left)} left`;
      const size = `${sayBytes(done)} of ${sayBytes(total)}`;
      io.out(`${drawn ? clear : ''}${text}  ${sayShare(done, total)}  ${size}${pace}${rest}`);
      drawn = true;
    },
    end: () => {
      if (drawn) io.out(clear);
      drawn = false;
    },
  };
}
