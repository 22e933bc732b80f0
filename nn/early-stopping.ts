/** Where early stopping stands; plain numbers, so that a checkpoint can hold it. */
export interface EarlyStopping {
  /** Lowest value so far; null before the first. */
  readonly best: number | null;
  /** Values in a row that were not lower. */
  readonly waited: number;
  readonly stop: boolean;
}

export const notStopped: EarlyStopping = { best: null, waited: 0, stop: false };

/**
 * Lightning's `EarlyStopping(mode='min', min_delta=0)`: a value is better if it is strictly lower than the best;
 * otherwise it counts, and training stops when `patience` values in a row have counted. It stops at once on a value
 * that is not finite.
 */
export function observe(state: EarlyStopping, value: number, patience: number): EarlyStopping {
  if (!Number.isFinite(value)) return { ...state, stop: true };
  if (state.best === null || value < state.best) return { best: value, waited: 0, stop: false };
  const waited = state.waited + 1;
  return { best: state.best, waited, stop: waited >= patience };
}

/** Lightning's `ModelCheckpoint(mode='max', save_top_k=1)`: a score is kept if it is strictly higher than the best so far. */
export function isBetterScore(score: number, best: number | null): boolean {
  return best === null || score > best;
}
