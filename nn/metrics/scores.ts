import { addCounts, classCounts, type ClassCounts, type Confusion } from './confusion.ts';
import { formulas, type MetricName } from './formulas.ts';
import { reduce } from './reduce.ts';

/**
 * A metric of each class over all pixels; null where it says nothing: of a class that is neither labelled nor predicted, and
 * where it is 0/0, as the precision of a class that is never predicted.
 */
export function perClass(metric: MetricName, confusion: Confusion): (number | null)[] {
  return classCounts(confusion).map((counts) => {
    const value = formulas[metric](counts);
    return isAbsent(counts) || Number.isNaN(value) ? null : value;
  });
}

/** Mean of a metric over the classes that are labelled or predicted; 1 where there is none. */
export function meanOfPresent(metric: MetricName, confusion: Confusion): number {
  const present = perClass(metric, confusion).filter((value) => value !== null);
  return present.length === 0 ? 1 : present.reduce((a, b) => a + b, 0) / present.length;
}

/**
 * The recipe's score, smp's `iou_score(reduction='micro-imagewise')`: for each image the counts summed over its classes, then
 * the mean over the images. Without ignored pixels it is a/(2−a) for each image's pixel accuracy a. 1 for no image.
 */
export function microImagewiseIou(confusions: readonly Confusion[]): number {
  return confusions.length === 0 ? 1 : reduce(formulas.iou_score, 'micro-imagewise', confusions);
}

/** Share of the counted pixels whose class is right; 1 where none is counted. */
export function pixelAccuracy(confusion: Confusion): number {
  const { tp, fn } = addCounts(classCounts(confusion));
  return tp + fn === 0 ? 1 : tp / (tp + fn);
}

function isAbsent({ tp, fp, fn }: ClassCounts): boolean {
  return tp + fp + fn === 0;
}
