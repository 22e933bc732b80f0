import type { Amounts } from '../plan/needs.ts';

interface Waiting {
  readonly amounts: Amounts;
  readonly rank: number;
  readonly start: () => void;
}

/**
 * The turns of one run: at most `jobs` holders at a time, who together hold no more of any named slot than there is.
 *
 * A holder takes all that it asks for at once or none of it, so that no two can wait for each other. Turns go by rank,
 * lowest first. One behind may pass if it asks for nothing that one before it still waits for: so none starves.
 */
export class Slots {
  #jobs: number;
  readonly #capacity: Amounts;
  readonly #free: Map<string, number>;
  readonly #queue: Waiting[] = [];
  #deciding = 0;
  #woken = false;

  constructor(jobs: number, capacity: Amounts) {
    this.#jobs = Math.max(1, jobs);
    this.#capacity = capacity;
    this.#free = new Map(Object.entries(capacity));
  }

  /** Waits for its turn, and holds the amounts as long as `work` goes on. `amounts` must be within the capacity. */
  async use<T>(amounts: Amounts, rank: number, work: () => Promise<T>): Promise<T> {
    for (const [name, amount] of Object.entries(amounts)) {
      if (amount > (this.#capacity[name] ?? 0)) throw new Error(`Internal error: more ${name} than there is`);
    }
    await new Promise<void>((start) => {
      this.#queue.push({ amounts, rank, start });
      this.#wake();
    });
    try {
      return await work();
    } finally {
      this.#jobs += 1;
      this.#add(amounts, 1, this.#free);
      this.#wake();
    }
  }

  /** No turn is given while `work` goes on: what it finds out may be a stage that comes before those in the queue. */
  async decide<T>(work: () => Promise<T>): Promise<T> {
    this.#deciding += 1;
    try {
      return await work();
    } finally {
      this.#deciding -= 1;
      this.#wake();
    }
  }

  /** Later than all that follows at once from what has just happened, so that who is ready by it is in the queue. */
  #wake(): void {
    if (this.#woken) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      if (this.#deciding === 0) this.#giveTurns();
    });
  }

  #giveTurns(): void {
    const left = new Map(this.#free);
    for (const waiting of this.#queue.toSorted((a, b) => a.rank - b.rank)) {
      if (this.#jobs === 0) return;
      const fits = Object.entries(waiting.amounts).every(([name, amount]) => amount <= (left.get(name) ?? 0));
      this.#add(waiting.amounts, -1, left);
      if (!fits) continue;
      this.#jobs -= 1;
      this.#add(waiting.amounts, -1, this.#free);
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
      waiting.start();
    }
  }

  #add(amounts: Amounts, sign: 1 | -1, to: Map<string, number>): void {
    for (const [name, amount] of Object.entries(amounts)) to.set(name, (to.get(name) ?? 0) + sign * amount);
  }
}
