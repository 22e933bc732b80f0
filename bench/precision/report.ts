import { bestOf, type Outcome } from '../recipe/outcome.ts';

/** The trainings of one seed. */
export interface Trained {
  readonly seed: number;
  readonly fp32: Outcome;
  readonly bf16: Outcome;
}

const head = ['seed', 'val fp32', 'val bf16', 'bf16−fp32', 'test fp32', 'test bf16', 's fp32', 's bf16'];
export const heading = row(head);

export function line({ seed, fp32, bf16 }: Trained): string {
  const [val, mixedVal] = [bestOf(fp32).valIou, bestOf(bf16).valIou];
  const ious = [val, mixedVal, mixedVal - val, fp32.testIou, bf16.testIou].map((iou) => iou.toFixed(4));
  return row([String(seed), ...ious, fp32.seconds.toFixed(0), bf16.seconds.toFixed(0)]);
}

/** Means over the seeds, and whether the difference stands out of their noise. */
export function summary(trained: readonly Trained[]): string[] {
  return (['val', 'test'] as const).map((set) => {
    const [exact, mixed] = (['fp32', 'bf16'] as const).map((precision) =>
      trained.map((each) => (set === 'val' ? bestOf(each[precision]).valIou : each[precision].testIou)),
    );
    if (exact === undefined || mixed === undefined) throw new Error('Internal error: two precisions');
    const [a, b] = [meanOf(exact), meanOf(mixed)];
    // Of the difference of two independent means.
    const error = Math.sqrt((varianceOf(exact) + varianceOf(mixed)) / trained.length);
    return `${set} IoU, mean (standard deviation) of ${trained.length} seeds: fp32 ${say(a, exact)}, bf16 ${say(b, mixed)}; difference ${(b - a).toFixed(4)}, its standard error ${error.toFixed(4)}`;
  });
}

function say(mean: number, values: readonly number[]): string {
  return `${mean.toFixed(4)} (${Math.sqrt(varianceOf(values)).toFixed(4)})`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Unbiased: over n − 1. */
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.map((value) => (value - mean) * (value - mean));
  return squares.reduce((total, square) => total + square, 0) / (values.length - 1);
}

function row(cells: readonly string[]): string {
  return cells.map((cell, at) => cell.padStart(at === 0 ? 4 : 11)).join('');
}
