import { notStopped, type EarlyStopping } from '../../nn/early-stopping.ts';

/** Where training stands: beside the weights and moments, all that the next step depends on. */
export interface Progress {
  /** The epoch in work, counted from 1. */
  readonly epoch: number;
  /** Steps of it that are done: batches, of which several may make one step of the optimizer (`updates.ts`). */
  readonly step: number;
  /** Steps done in all epochs. */
  readonly steps: number;
  /** Σ loss·n and Σ n over the steps of this epoch. */
  readonly lossSum: number;
  readonly samples: number;
  readonly stopping: EarlyStopping;
  readonly best: Best | null;
  /** `history.jsonl` so far. */
  readonly history: string;
}

/** The epoch with the highest val_iou; the first where several are equal. */
export interface Best {
  readonly epoch: number;
  readonly valIou: number;
}

export const beginning: Progress = {
  epoch: 1,
  step: 0,
  steps: 0,
  lossSum: 0,
  samples: 0,
  stopping: notStopped,
  best: null,
  history: '',
};

export function isFinished(progress: Pick<Progress, 'epoch' | 'stopping'>, maxEpochs: number): boolean {
  return progress.stopping.stop || progress.epoch > maxEpochs;
}
