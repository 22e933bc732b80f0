import type { StageEvent } from '../../engine/stage.ts';
import type { HistoryLine } from './history.ts';
import type { Progress } from './progress.ts';

/** Tells a resumed run's reader where it stands: a sentence, then the epochs that an earlier attempt closed. */
export function replay(progress: Progress, epochs: number): readonly StageEvent[] {
  const where = progress.step === 0 ? '' : `, after step ${progress.step}`;
  const text = `Training goes on from its checkpoint in epoch ${progress.epoch}${where}.`;
  return [{ type: 'note', level: 'info', text }, ...pastEpochs(progress.history, epochs)];
}

function pastEpochs(history: string, epochs: number): readonly StageEvent[] {
  let best = { iou: -Infinity, epoch: 0 };
  return history
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryLine)
    .flatMap((line): readonly StageEvent[] => {
      if (line.type !== 'epoch') return [];
      if (line.val_iou > best.iou) best = { iou: line.val_iou, epoch: line.epoch };
      return [
        {
          type: 'epoch',
          epoch: line.epoch,
          epochs,
          trainLoss: line.train_loss,
          valLoss: line.val_loss,
          valIou: line.val_iou,
          bestValIou: best.iou,
          bestEpoch: best.epoch,
          past: true,
        },
      ];
    });
}
