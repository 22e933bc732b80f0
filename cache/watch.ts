/** How far the hashing of one file or folder has come. */
export interface HashStep {
  /** Read since the last call. */
  readonly files: number;
  readonly bytes: number;
  /** Bytes of this file or folder that were read in all. */
  readonly done: number;
  /** Bytes of it to read; undefined where some of its files are known from before. */
  readonly total: number | undefined;
}

/** Hears of the hashing of new content; called at most every 100 ms, and once more when a file or folder is done. */
export type HashProgress = (step: HashStep) => void;

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
