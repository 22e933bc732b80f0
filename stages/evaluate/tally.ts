import { addConfusion, classCounts, emptyConfusion, type Confusion } from '../../nn/metrics/confusion.ts';
import { formulas, type MetricName } from '../../nn/metrics/formulas.ts';
import { reduce } from '../../nn/metrics/reduce.ts';
import { meanOfPresent, microImagewiseIou, perClass, pixelAccuracy } from '../../nn/metrics/scores.ts';
import {
  printedMetrics,
  printedReductions,
  type ClassScore,
  type PeriodScore,
  type SampleScore,
  type Scores,
} from './scores.ts';

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
    meanIou: meanOfPresent('iou_score', all),
    meanF1: meanOfPresent('f1_score', all),
    pixelAccuracy: pixelAccuracy(all),
    commonest: scoreCommonest(confusions, all),
    perClass: scoreClasses(all),
    perPeriod: perPeriod(judged),
    confusion: rowsOf(all),
    reduced: reduced(confusions, all),
  };
}

/** `weighted` takes each class by its share of the labelled pixels; null where smp has NaN. */
function reduced(confusions: readonly Confusion[], all: Confusion): Scores['reduced'] {
  const classWeights = classCounts(all).map(({ tp, fn }) => tp + fn);
  const score = (metric: MetricName, reduction: (typeof printedReductions)[number]) => {
    const value = reduce(formulas[metric], reduction, confusions, { classWeights });
    return Number.isFinite(value) ? value : null;
  };
  return Object.fromEntries(
    printedMetrics.map((metric) => [
      metric,
      Object.fromEntries(printedReductions.map((reduction) => [reduction, score(metric, reduction)])),
    ]),
  );
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

function scoreClasses(all: Confusion): readonly ClassScore[] {
  const scores = {
    iou: perClass('iou_score', all),
    f1: perClass('f1_score', all),
    precision: perClass('precision', all),
    recall: perClass('recall', all),
  };
  return classCounts(all).map(({ tp, fn }, train) => ({
    train,
    pixels: tp + fn,
    iou: scores.iou[train] ?? null,
    f1: scores.f1[train] ?? null,
    precision: scores.precision[train] ?? null,
    recall: scores.recall[train] ?? null,
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
