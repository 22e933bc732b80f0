import { median } from '../../base/median.ts';
import type { StageEvent } from '../../engine/stage.ts';

type Step = Extract<StageEvent, { readonly type: 'step' }>;

/** What a step event says of the machine. */
type StepPace = Pick<Step, 'imagesPerSecond' | 'stall'> & Required<Pick<Step, 'memory' | 'peakMemory'>>;

/** How fast training goes, for those who look on: never part of an out. */
export class Pace {
  readonly #now: () => number;
  readonly #stalls: number[] = [];
  #before = 0;
  #idle = 0;
  #images = 0;
  #ms = 0;
  #waited = 0;
  #saving = 0;

  /** `now` in ms, from any beginning. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What was done since the last step, such as a validation, is no part of the next. */
  begin(): void {
    this.#before = this.#now();
    this.#idle = 0;
  }

  /** Waits for something within a step that is no work on it. */
  async wait<T>(what: Promise<T>): Promise<T> {
    const before = this.#now();
    const value = await what;
    this.#idle += this.#now() - before;
    return value;
  }

  /** Waits for a saving, which is part of no step and told by itself. */
  async save(saving: Promise<void>): Promise<void> {
    const before = this.#now();
    await saving;
    const ms = this.#now() - before;
    this.#before += ms;
    this.#saving += ms;
  }

  /** A step over `images` images has ended; `waited` ms of it were spent waiting for them, beside those of `wait`. */
  step(images: number, waitedForImages: number): StepPace {
    const now = this.#now();
    const ms = now - this.#before;
    this.#before = now;
    const waited = this.#idle + waitedForImages;
    this.#idle = 0;
    const stall = ms === 0 ? 0 : waited / ms;
    this.#stalls.push(stall);
    this.#images += images;
    this.#ms += ms;
    this.#waited += waited;
    return {
      imagesPerSecond: (1000 * images) / ms,
      stall,
      memory: process.memoryUsage.rss(),
      peakMemory: peakMemory(),
    };
  }

  /** All steps so far in a sentence; undefined before the first. */
  summary(): string | undefined {
    if (this.#stalls.length === 0) return undefined;
    const share = (part: number): string => `${(100 * part).toFixed(2)} %`;
    return [
      `${this.#stalls.length} ${this.#stalls.length === 1 ? 'step' : 'steps'} at ${((1000 * this.#images) / this.#ms).toFixed(1)} images/s`,
      `${share(this.#waited / this.#ms)} of their time waiting for data (${share(median(this.#stalls))} of the median step)`,
      ...(this.#saving === 0
        ? []
        : [`${(this.#saving / 1000).toFixed(1)} s beside them waiting for checkpoints`]),
      `at most ${(peakMemory() / 1e9).toFixed(2)} GB of memory.`,
    ].join(', ');
  }
}

/** Bytes that the process held at most; Node gives KiB (getrusage). */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
