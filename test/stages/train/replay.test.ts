import { expect, it } from 'vitest';
import { historyLine } from '../../../stages/train/history.ts';
import { beginning } from '../../../stages/train/progress.ts';
import { replay } from '../../../stages/train/replay.ts';

const epoch = (number: number, iou: number) =>
  historyLine({ type: 'epoch', epoch: number, train_loss: 1, val_loss: 2, val_iou: iou, learning_rate: 0.1 });

it('tells where training goes on and the epochs that were closed before, each with the best so far', () => {
  const step = historyLine({ type: 'step', epoch: 1, step: 1, loss: 1, learning_rate: 0.1 });
  const history = step + epoch(1, 0.5) + epoch(2, 0.4) + epoch(3, 0.6);
  const [note, ...epochs] = replay({ ...beginning, epoch: 4, step: 7, history }, 10);
  expect(note).toEqual({
    type: 'note',
    level: 'info',
    text: 'Training goes on from its checkpoint in epoch 4, after step 7.',
  });
  expect(
    epochs.map((event) =>
      event.type === 'epoch' ? [event.epoch, event.bestValIou, event.bestEpoch] : event,
    ),
  ).toEqual([
    [1, 0.5, 1],
    [2, 0.5, 1],
    [3, 0.6, 3],
  ]);
});
