/** What a side's training came to. Times are seconds since its process was started. */
export interface Outcome {
  readonly epochs: readonly Epoch[];
  /** The best weights were kept and the process was about to end. */
  readonly seconds: number;
  /** Micro-imagewise, of the weights that were best on val. */
  readonly testIou: number;
}

export interface Epoch {
  readonly epoch: number;
  readonly valIou: number;
  readonly seconds: number;
}

/** Both sides with one seed. */
export interface Pair {
  readonly seed: number;
  readonly ours: Outcome;
  readonly torch: Outcome;
  /** Our best weights, tested by PyTorch. */
  readonly oursInTorch: number;
}

/** The first epoch with the highest val IoU. */
export function bestOf({ epochs }: Outcome): Epoch {
  const best = epochs.reduce((best, next) => (next.valIou > best.valIou ? next : best));
  return best;
}

/** The val IoU that both sides reached: the lower of their bests. */
export function commonIou({ ours, torch }: Pair): number {
  return Math.min(bestOf(ours).valIou, bestOf(torch).valIou);
}

/** Seconds until the end of the first epoch with so high a val IoU. */
export function secondsTo({ epochs }: Outcome, valIou: number): number {
  return epochs.find((epoch) => epoch.valIou >= valIou)?.seconds ?? NaN;
}
