/**
 * How fast something goes, from counts and the reader's own clock.
 * Keeps samples of the last `window` seconds, at least a fortieth of it apart, so that it is bounded and calm.
 */
export interface Meter {
  /** Seconds that the rate looks back. Infinity: since the first sample, for steps of very different length. */
  readonly window: number;
  readonly samples: readonly Sample[];
}

interface Sample {
  /** Milliseconds of the reader's clock. */
  readonly at: number;
  readonly done: number;
}

export function startMeter(window: number): Meter {
  return { window, samples: [] };
}

/** Adds a count. A count below the last one means that something new began: the meter starts again. */
export function measure(meter: Meter, done: number, at: number): Meter {
  const last = meter.samples.at(-1);
  if (last === undefined || done < last.done) return { ...meter, samples: [{ at, done }] };
  if (meter.window === Infinity) {
    const [first] = meter.samples;
    return { ...meter, samples: first === undefined ? [{ at, done }] : [first, { at, done }] };
  }
  const span = meter.window * 1000;
  const before = meter.samples.at(-2);
  const tooClose = before !== undefined && last.at - before.at < span / 40;
  const samples = [...(tooClose ? meter.samples.slice(0, -1) : meter.samples), { at, done }];
  // The newest sample that is older than the window stays: a rate needs two, also after a long pause.
  const inside = samples.findIndex((sample) => at - sample.at <= span);
  return { ...meter, samples: samples.slice(Math.max(0, inside - 1)) };
}

/** Items a second, or undefined while there is too little to say. */
export function rateOf(meter: Meter): number | undefined {
  const first = meter.samples[0];
  const last = meter.samples.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at || last.done <= first.done) {
    return undefined;
  }
  return ((last.done - first.done) * 1000) / (last.at - first.at);
}

/** Seconds until `total`, or undefined while the rate is unknown. */
export function timeLeft(meter: Meter, total: number): number | undefined {
  const rate = rateOf(meter);
  const done = meter.samples.at(-1)?.done;
  return rate === undefined || done === undefined ? undefined : Math.max(0, total - done) / rate;
}
