import { isBetterScore, observe } from '../../nn/early-stopping.ts';
import { historyLine } from './history.ts';
import { isFinished, type Progress } from './progress.ts';
import type { Saving } from './saving.ts';
import type { Setup } from './setup.ts';
import { updateOf } from './updates.ts';
import { trainEpoch } from './train-epoch.ts';
import { validate, type Validation } from './validate.ts';

export interface Fitted {
  readonly progress: Progress;
  /** The engine asked to stop; what is saved then holds all of it. */
  readonly stopped: boolean;
}

/**
 * Epoch after epoch from `start` until the last one or until early stopping. The trainer holds the last weights then, and
 * they are being saved.
 */
export async function fit(setup: Setup, start: Progress, saving: Saving): Promise<Fitted> {
  const { context, params, pace } = setup;
  let progress = start;
  while (!isFinished(progress, params.train.max_epochs)) {
    progress = await trainEpoch(setup, progress, saving);
    const validation = context.signal.aborted ? undefined : await validate(setup, progress.epoch);
    if (validation === undefined) {
      await pace.save(saving.save(progress));
      return { progress, stopped: true };
    }
    progress = closeEpoch(setup, progress, validation);
    await pace.save(saving.save(progress));
    if (context.signal.aborted) return { progress, stopped: true };
  }
  return { progress, stopped: false };
}

/** Takes an epoch's validation into the history, the best weights and early stopping, and turns to the next epoch. */
function closeEpoch(setup: Setup, progress: Progress, validation: Validation): Progress {
  const { context, params, schedule } = setup;
  const { epoch } = progress;
  const last = { epoch: epoch - 1, batch: progress.step - 1 };
  const { step } = updateOf(last, progress.step, params.train.accumulate);
  const trainLoss = progress.lossSum / progress.samples;
  const isBest = progress.best === null || isBetterScore(validation.iou, progress.best.valIou);
  const best = isBest ? { epoch, valIou: validation.iou } : progress.best;
  context.emit({
    type: 'epoch',
    epoch,
    epochs: params.train.max_epochs,
    trainLoss,
    valLoss: validation.loss,
    valIou: validation.iou,
    bestValIou: best.valIou,
    bestEpoch: best.epoch,
  });
  const line = historyLine({
    type: 'epoch',
    epoch,
    train_loss: trainLoss,
    val_loss: validation.loss,
    val_iou: validation.iou,
    learning_rate: schedule({ epoch: epoch - 1, step }),
  });
  return {
    epoch: epoch + 1,
    step: 0,
    steps: progress.steps,
    lossSum: 0,
    samples: 0,
    stopping: observe(progress.stopping, validation.loss, params.train.patience),
    best,
    history: progress.history + line,
  };
}
