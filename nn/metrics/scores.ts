import { classCounts, type ClassCounts, type Confusion } from './confusion.ts';

/** smp's `zero_division`: the score where nothing was there to find and nothing was found. */
const zeroDivision = 1;

/** TP/(TP+FP+FN); 1 where all are 0. */
function iou({ tp, fp, fn }: ClassCounts): number {
  return ratio(tp, tp + fp + fn);
}

/** 2TP/(2TP+FP+FN); 1 where all are 0. */
function f1({ tp, fp, fn }: ClassCounts): number {
  return ratio(2 * tp, 2 * tp + fp + fn);
}

/** IoU of each class over all pixels; null for a class that is neither labelled nor predicted. */
export function classIou(confusion: Confusion): (number | null)[] {
  return classCounts(confusion).map((counts) => (isAbsent(counts) ? null : iou(counts)));
}

/** F1 of each class over all pixels; null for a class that is neither labelled nor predicted. */
export function classF1(confusion: Confusion): (number | null)[] {
  return classCounts(confusion).map((counts) => (isAbsent(counts) ? null : f1(counts)));
}

/** Mean IoU over the classes that are labelled or predicted; 1 where there is none. */
export function meanIou(confusion: Confusion): number {
  return mean(classIou(confusion).filter((value) => value !== null));
}

/** smp's `reduction='micro'`: counts summed over all images and classes. */
export function microIou(confusions: readonly Confusion[]): number {
  return iou(total(confusions.flatMap(classCounts)));
}

/**
 * smp's `reduction='micro-imagewise'`: for each image the counts summed over its classes, then the mean over the images.
 * Without ignored pixels it is a/(2−a) for each image's pixel accuracy a.
 */
export function microImagewiseIou(confusions: readonly Confusion[]): number {
  return mean(confusions.map((confusion) => iou(total(classCounts(confusion)))));
}

/** smp's `reduction='macro'`: IoU of each class over all images, then the mean; an absent class scores 1. */
export function macroIou(confusions: readonly Confusion[]): number {
  const classes = confusions[0]?.classes ?? 0;
  const each = confusions.map(classCounts);
  return mean(
    Array.from({ length: classes }, (_, index) => iou(total(each.flatMap((counts) => counts[index] ?? [])))),
  );
}

/** smp's `reduction='macro-imagewise'`: IoU of each class of each image, then the mean; an absent class scores 1. */
export function macroImagewiseIou(confusions: readonly Confusion[]): number {
  return mean(confusions.map((confusion) => mean(classCounts(confusion).map(iou))));
}

/** Share of the counted pixels whose class is right; 1 where none is counted. */
export function pixelAccuracy(confusion: Confusion): number {
  const { tp, fn } = total(classCounts(confusion));
  return ratio(tp, tp + fn);
}

function isAbsent({ tp, fp, fn }: ClassCounts): boolean {
  return tp + fp + fn === 0;
}

function total(parts: readonly ClassCounts[]): ClassCounts {
  return parts.reduce((a, b) => ({ tp: a.tp + b.tp, fp: a.fp + b.fp, fn: a.fn + b.fn }), {
    tp: 0,
    fp: 0,
    fn: 0,
  });
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? zeroDivision : part / whole;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? zeroDivision : values.reduce((a, b) => a + b, 0) / values.length;
}
