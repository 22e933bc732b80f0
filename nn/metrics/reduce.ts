import { addCounts, classCounts, type ClassCounts, type Confusion } from './confusion.ts';
import type { Formula } from './formulas.ts';

/**
 * How the counts of images and classes become one number, as in smp:
 * - `micro`: summed over images and classes, then scored; 0/0 stays NaN, as there;
 * - `macro`: summed over images, each class scored, then the mean over classes;
 * - `weighted`: the same, with the weighted mean over classes;
 * - `micro-imagewise`: summed over each image's classes, each image scored, then the mean over images;
 * - `macro-imagewise`: each class of each image scored, then the mean over all of them;
 * - `weighted-imagewise`: the same, with weights that add up to 1 **and** a division by the number of classes. That is what
 *   smp 0.6.0 computes, C times less than a weighted mean; `evaluate` leaves it out.
 */
export const reductions = [
  'micro',
  'macro',
  'weighted',
  'micro-imagewise',
  'macro-imagewise',
  'weighted-imagewise',
] as const;

export type Reduction = (typeof reductions)[number];

export interface ReduceOptions {
  /** A number ≥ 0 for each class, for the weighted reductions; only their ratios matter. */
  readonly classWeights?: readonly number[];
  /** The score where it is 0/0: nothing was there to find, and nothing was found. Default 1, as smp's. */
  readonly zeroDivision?: number;
}

/** One score of a set of images: smp's `formula(*get_stats(…), reduction, class_weights, zero_division)`. */
export function reduce(
  formula: Formula,
  reduction: Reduction,
  images: readonly Confusion[],
  { classWeights, zeroDivision = 1 }: ReduceOptions = {},
): number {
  const score = (counts: ClassCounts): number => {
    const value = formula(counts);
    return Number.isNaN(value) ? zeroDivision : value;
  };
  const counts = images.map(classCounts);
  const perClass = () => byClass(counts).map((of) => score(addCounts(of)));
  switch (reduction) {
    case 'micro':
      return formula(addCounts(counts.flat()));
    case 'macro':
      return mean(perClass());
    case 'weighted':
      return weighted(perClass(), classWeights);
    case 'micro-imagewise':
      return mean(counts.map((classes) => score(addCounts(classes))));
    case 'macro-imagewise':
      return mean(counts.flat().map(score));
    case 'weighted-imagewise': {
      const each = byClass(counts).map((of) => mean(of.map(score)));
      return weighted(each, classWeights) / each.length;
    }
  }
}

/** Images × classes → classes × images. */
function byClass(counts: readonly (readonly ClassCounts[])[]): ClassCounts[][] {
  const classes = counts[0]?.length ?? 0;
  return Array.from({ length: classes }, (_, index) => counts.flatMap((image) => image[index] ?? []));
}

function weighted(scores: readonly number[], weights: readonly number[] | undefined): number {
  if (weights?.length !== scores.length) throw new Error('Internal error: one weight for each class');
  const total = weights.reduce((all, weight) => all + weight, 0);
  return scores.reduce((all, score, index) => all + (score * (weights[index] ?? 0)) / total, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
