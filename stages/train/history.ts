/** A line of `history.jsonl`. Losses and rates only: no time, so that equal runs give equal bytes. */
export type HistoryLine =
  | {
      readonly type: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly loss: number;
      readonly learning_rate: number;
    }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly train_loss: number;
      readonly val_loss: number;
      readonly val_iou: number;
      /** Of the epoch's last step. */
      readonly learning_rate: number;
    };

export function historyLine(line: HistoryLine): string {
  return `${JSON.stringify(line)}\n`;
}
