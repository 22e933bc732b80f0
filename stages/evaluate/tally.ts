import { addConfusion, classCounts, emptyConfusion, type Confusion } from '../../nn/metrics/confusion.ts';
import { classF1, classIou, meanIou, microImagewiseIou, pixelAccuracy } from '../../nn/metrics/scores.ts';
import type { ClassScore, PeriodScore, SampleScore, Scores } from './scores.ts';

/** One predicted sample: its counts are all that the scores need. */
export interface Judged extends Omit<SampleScore, 'iou'> {
  readonly confusion: Confusion;
}

export function scoreOf(judged: Judged): SampleScore {
  const { key, name, period, confusion } = judged;
  return { key, name, period, iou: microImagewiseIou([confusion]) };
}

/** Turns the counts of all samples into the scores of the test set. */
export function tally(judged: readonly Judged[], classes: number): Scores {
  const all = emptyConfusion(classes);
  for (const { confusion } of judged) addConfusion(all, confusion);
  const confusions = judged.map(({ confusion }) => confusion);
  return {
    samples: judged.length,
    iou: microImagewiseIou(confusions),
    meanIou: meanIou(all),
    meanF1: mean(classF1(all).filter((value) => value !== null)),
    pixelAccuracy: pixelAccuracy(all),
    commonest: scoreCommonest(confusions, all),
    perClass: perClass(all),
    perPeriod: perPeriod(judged),
    confusion: rowsOf(all),
  };
}

/** Scores the answer “the commonest class of this test set, everywhere”: the easiest rival a model must beat. */
function scoreCommonest(confusions: readonly Confusion[], all: Confusion): Scores['commonest'] {
  const supports = classCounts(all).map(({ tp, fn }) => tp + fn);
  const train = supports.indexOf(Math.max(...supports));
  const answers = confusions.map((confusion) => alwaysAnswering(confusion, train));
  const total = emptyConfusion(all.classes);
  for (const answer of answers) addConfusion(total, answer);
  return { train, iou: microImagewiseIou(answers), pixelAccuracy: pixelAccuracy(total) };
}

/** The counts an image would have, had every scored pixel been called `train`. */
function alwaysAnswering(confusion: Confusion, train: number): Confusion {
  const answer = emptyConfusion(confusion.classes);
  for (const [truth, { tp, fn }] of classCounts(confusion).entries()) {
    answer.counts[truth * confusion.classes + train] = tp + fn;
  }
  return answer;
}

function perClass(all: Confusion): readonly ClassScore[] {
  const [ious, f1s] = [classIou(all), classF1(all)];
  return classCounts(all).map(({ tp, fn }, train) => ({
    train,
    pixels: tp + fn,
    iou: ious[train] ?? null,
    f1: f1s[train] ?? null,
  }));
}

function perPeriod(judged: readonly Judged[]): readonly PeriodScore[] {
  const groups = new Map<string, Confusion[]>();
  for (const { period, confusion } of judged) {
    if (period === null) continue;
    groups.set(period, [...(groups.get(period) ?? []), confusion]);
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([period, confusions]) => ({
      period,
      samples: confusions.length,
      iou: microImagewiseIou(confusions),
    }));
}

function rowsOf({ classes, counts }: Confusion): readonly (readonly number[])[] {
  return Array.from({ length: classes }, (_, truth) => [
    ...counts.subarray(truth * classes, (truth + 1) * classes),
  ]);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 1 : values.reduce((a, b) => a + b, 0) / values.length;
}
