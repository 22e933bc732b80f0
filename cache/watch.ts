/** Says how far the hashing of new content is; called at most every 100 ms. */
export type HashProgress = (done: { readonly files: number; readonly bytes: number }) => void;

/** Whoever waits while content is read: hears how far it is, and may end it. */
export interface Watch {
  readonly signal?: AbortSignal;
  readonly progress?: HashProgress;
}

/** The reading of content was ended by its `Watch`; nothing is wrong with the content. What was read whole is kept. */
export class Interrupted extends Error {
  constructor() {
    super('the reading was interrupted');
    this.name = 'Interrupted';
  }
}

/** Ends what reads on somebody's behalf as soon as that one has asked for it. Throws `Interrupted`. */
export function heed({ signal }: Watch): void {
  if (signal?.aborted === true) throw new Interrupted();
}
