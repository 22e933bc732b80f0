import { expect } from 'vitest';
import { outsOf, type Content, type Result, type StageShape } from './model.ts';

/** What is known of a store beside its disk, by the model's keys: each result that some run recorded. */
export class Ledger {
  readonly #trees = new Map<string, readonly string[]>();
  /** The engine's key → the model's. */
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** In the order in which they were made: the stage that each was made for. */
  readonly #makers = new Map<string, string>();

  /** The trees of its outs, as a look at the store shows them; undefined if nobody has recorded it. */
  treesOf(key: string): readonly string[] | undefined {
    return this.#trees.get(key);
  }

  /** An engine that was killed may have made results that nobody noted. */
  isComplete = true;

  /** The model's key for one of the engine's. */
  nameOf(digest: string): string | undefined {
    return this.#names.get(digest);
  }

  readonly countOf = (key: string): number => this.#counts.get(key) ?? 0;

  /** As it is now, whatever is noted later. */
  copy(): Ledger {
    const copy = new Ledger();
    for (const [key, trees] of this.#trees) copy.#trees.set(key, trees);
    for (const [key, count] of this.#counts) copy.#counts.set(key, count);
    return copy;
  }

  /** Reads off the outs how often the series had been made, and expects that they say nothing else. */
  count(stage: StageShape, { key, line }: Result, outs: readonly Content[]): void {
    for (let count = 1; count <= 500; count += 1) {
      if (!isSame(outsOf(stage, line, count), outs)) continue;
      this.#counts.set(key, count);
      return;
    }
    expect(outs, 'no count of the series says this').toEqual(outsOf(stage, line, this.countOf(key)));
  }

  record(key: string, digest: string, trees: readonly string[]): void {
    this.#trees.set(key, trees);
    this.#names.set(digest, key);
  }

  madeFor(stage: string, key: string): void {
    this.#makers.delete(key);
    this.#makers.set(key, stage);
  }

  /** Keys of the results that were made for a stage, and its members in experiments, of each the newest last. */
  resultsOf(stage: string): readonly (readonly string[])[] {
    const makers = new Set([...this.#makers.values()].filter((maker) => maker.split('@')[0] === stage));
    return [...makers].map((own) =>
      [...this.#makers].flatMap(([key, maker]) => (maker === own ? [key] : [])),
    );
  }

  forget(key: string): void {
    for (const map of [this.#trees, this.#counts, this.#makers]) map.delete(key);
  }
}

function isSame(a: readonly Content[], b: readonly Content[]): boolean {
  const texts = (outs: readonly Content[]) =>
    JSON.stringify(outs.map((out) => (typeof out === 'string' ? out : [...out])));
  return texts(a) === texts(b);
}
