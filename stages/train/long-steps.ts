import type { StageEvent } from '../../engine/stage.ts';

/** ms of a step from which on the engine must know of it: shorter ones leave time enough to save within its usual grace. */
const long = 1000;
/** Another step, on a machine that others work on too, may take this many times as long as the longest so far. */
const margin = 3;

/** Tells the engine how long a stop is not even heard: TensorFlow holds the thread for the whole of a step. */
export class LongSteps {
  readonly #emit: (event: StageEvent) => void;
  #longest = long;

  constructor(emit: (event: StageEvent) => void) {
    this.#emit = emit;
  }

  /** A step took `ms`. */
  took(ms: number): void {
    if (ms <= this.#longest) return;
    // Not for each that is a little longer than all before it.
    this.#longest = 1.25 * ms;
    this.#emit({ type: 'grace', seconds: Math.ceil((margin * ms) / 1000) + 4 });
  }
}
