/** Progress is told again after this long at the earliest, … */
const quiet = 10_000;
/** … and then only if it went on by this share of the whole, … */
const worthTelling = 0.1;
/** … or after this long whatever happened. Milliseconds. */
const patience = 60_000;

/** Remembers for each name when progress was told, and says whether it is time to tell it again. */
export class Seldom {
  readonly #told = new Map<string, { readonly at: number; readonly share: number }>();

  /** Starts the wait: something else was just said of `name`. */
  said(name: string, share: number, at: number): void {
    this.#told.set(name, { at, share });
  }

  isTime(name: string, share: number, at: number): boolean {
    const last = this.#told.get(name);
    if (last === undefined) {
      this.said(name, share, at);
      return false;
    }
    const waited = at - last.at;
    const moved = share < last.share || share - last.share >= worthTelling;
    if (waited < quiet || (!moved && waited < patience)) return false;
    this.said(name, share, at);
    return true;
  }
}
