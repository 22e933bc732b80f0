import type { StageRecord } from '../../cache/types.ts';
import type { StageName } from '../definition/types.ts';

/** How a stage came out of the run. */
export type Settled =
  /** `sameAgain`: itself or those above it that were made anew with the same bytes. */
  | {
      readonly type: 'there';
      readonly record: StageRecord;
      readonly sameAgain: readonly StageName[];
      readonly made: boolean;
    }
  /** Its record stands, its bytes were collected and nobody has needed them yet. */
  | { readonly type: 'recorded'; readonly record: StageRecord }
  | { readonly type: 'missing' };

/** The newest word on each stage of a run, given or on its way; a stage that is settled again gets another one. */
export class Settlements {
  readonly #words = new Map<StageName, Promise<Settled>>();

  set(name: StageName, word: Promise<Settled>): void {
    this.#words.set(name, word);
    // A bug in it is met where the run awaits it, which may be later.
    word.catch(() => undefined);
  }

  newest(name: StageName): Promise<Settled> {
    const word = this.#words.get(name);
    if (word === undefined) throw new Error(`Internal error: ${name} is no part of this run`);
    return word;
  }

  /** The newest word, when none is on its way. */
  async steady(name: StageName): Promise<Settled> {
    for (;;) {
      const word = this.newest(name);
      const settled = await word;
      if (word === this.newest(name)) return settled;
    }
  }

  /** The first of these that has no result, as soon as that is known; undefined when all of them stand at one moment. */
  async lacking(names: readonly StageName[]): Promise<StageName | undefined> {
    for (;;) {
      const seen = names.map((name) => this.newest(name));
      for (const name of names) {
        if ((await this.steady(name)).type === 'missing') return name;
      }
      if (names.every((name, at) => this.newest(name) === seen[at])) return undefined;
    }
  }

  /** Resolves when every stage is settled, and none is settled again. */
  async all(): Promise<void> {
    for (;;) {
      const seen = [...this.#words.values()];
      await Promise.all(seen);
      if ([...this.#words.values()].every((word, at) => word === seen[at])) return;
    }
  }

  /** Resolves when nothing is under way, whatever bugs there were. */
  async rest(): Promise<void> {
    await Promise.allSettled(this.#words.values());
  }
}
