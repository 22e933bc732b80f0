/** The optimizer's step that a batch belongs to. */
export interface Update {
  /** Within the epoch, counted from 0. */
  readonly step: number;
  /** Counted from 1 over all epochs. */
  readonly number: number;
  /** The weights move after this batch. */
  readonly closes: boolean;
}

/**
 * Batch `batch` of an epoch of `batches`, epoch and batch counted from 0. As Lightning's `accumulate_grad_batches`: a step
 * every `accumulate` batches, and at the end of the epoch with those that are there.
 */
export function updateOf(
  { epoch, batch }: { readonly epoch: number; readonly batch: number },
  batches: number,
  accumulate: number,
): Update {
  const step = Math.floor(batch / accumulate);
  return {
    step,
    number: epoch * updatesOf(batches, accumulate) + step + 1,
    closes: (batch + 1) % accumulate === 0 || batch + 1 === batches,
  };
}

/** Steps of the optimizer in an epoch of so many batches. */
export function updatesOf(batches: number, accumulate: number): number {
  return Math.ceil(batches / accumulate);
}
