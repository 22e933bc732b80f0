import { isBetterScore, observe } from '../../nn/early-stopping.ts';
import { toStateDict } from '../../nn/weights/smp.ts';
import { saveBest, saveCheckpoint } from './checkpoint.ts';
import { historyLine } from './history.ts';
import { isFinished, type Best, type Progress } from './progress.ts';
import type { Setup } from './setup.ts';
import { updateOf } from './updates.ts';
import { trainEpoch } from './train-epoch.ts';
import { validate, type Validation } from './validate.ts';

export interface Fitted {
  readonly progress: Progress;
  /** The engine asked to stop; the checkpoint holds all of it. */
  readonly stopped: boolean;
}

/** Epoch after epoch from `start` until the last one or until early stopping. The trainer holds the last weights then. */
export async function fit(setup: Setup, start: Progress): Promise<Fitted> {
  const { context, params } = setup;
  const save = (progress: Progress) => saveAll(setup, progress);
  let progress = start;
  while (!isFinished(progress, params.train.max_epochs)) {
    progress = await trainEpoch(setup, progress, save);
    const validation = context.signal.aborted ? undefined : await validate(setup, progress.epoch);
    if (validation === undefined) {
      await save(progress);
      return { progress, stopped: true };
    }
    progress = await closeEpoch(setup, progress, validation);
    await save(progress);
    if (context.signal.aborted) return { progress, stopped: true };
  }
  return { progress, stopped: false };
}

/** Takes an epoch's validation into the history, the best weights and early stopping, and turns to the next epoch. */
async function closeEpoch(setup: Setup, progress: Progress, validation: Validation): Promise<Progress> {
  const { context, params, trainer, schedule } = setup;
  const { epoch } = progress;
  const last = { epoch: epoch - 1, batch: progress.step - 1 };
  const { step } = updateOf(last, progress.step, params.train.accumulate);
  const trainLoss = progress.lossSum / progress.samples;
  let best: Best | null = progress.best;
  if (best === null || isBetterScore(validation.iou, best.valIou)) {
    const tensors = toStateDict(trainer.parameters, trainer.weights(), progress.steps);
    best = await saveBest(context.checkpoint, { epoch, valIou: validation.iou }, tensors);
  }
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

function saveAll({ context, identity, environment, trainer }: Setup, progress: Progress): Promise<void> {
  return saveCheckpoint(context.checkpoint, identity, { progress, state: trainer.state(), environment });
}
