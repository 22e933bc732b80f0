/** ms that a stage has to end after it was asked to, if it says nothing of it: all of a stop is to take 5 s. */
const shortest = 4000;
/** ms after which it is ended, whatever it says: a stage that hangs must not hold a run for ever. */
const longest = 300_000;

/** How long a stage is waited for once it was asked to end: as long as it said that it needs (event `grace`), within bounds. Times in ms of one clock. */
export class Grace {
  #told: { readonly at: number; readonly ms: number } | undefined;

  /** The stage says, at `now`, how many seconds a stop takes it. The newest word counts, if it is a number. */
  hear(seconds: unknown, now: number): void {
    if (typeof seconds === 'number' && !Number.isNaN(seconds)) this.#told = { at: now, ms: 1000 * seconds };
  }

  /** When a stage that was asked to end at `asked` is to be ended by force, by all that it said until now. */
  endOf(asked: number): number {
    const told = this.#told === undefined ? asked : Math.max(asked, this.#told.at) + this.#told.ms;
    return Math.min(asked + longest, Math.max(asked + shortest, told));
  }
}
