import type { ClassCounts } from './confusion.ts';

/** A score of pixel counts; NaN where it is 0/0. */
export type Formula = (counts: ClassCounts) => number;

const recall: Formula = ({ tp, fn }) => tp / (tp + fn);
const specificity: Formula = ({ tn, fp }) => tn / (tn + fp);
const precision: Formula = ({ tp, fp }) => tp / (tp + fp);
const negativePredictiveValue: Formula = ({ tn, fn }) => tn / (tn + fn);
const falseNegativeRate: Formula = (counts) => 1 - recall(counts);
const falsePositiveRate: Formula = (counts) => 1 - specificity(counts);

/** (1+β²)·TP/((1+β²)·TP + β²·FN + FP): recall counts β times as much as precision. */
export function fBeta(beta: number): Formula {
  const square = beta * beta;
  return ({ tp, fp, fn }) => ((1 + square) * tp) / ((1 + square) * tp + square * fn + fp);
}

/**
 * All metrics of segmentation_models_pytorch under its names (metrics/functional.py), but for its second names
 * (`sensitivity` is `recall`, `positive_predictive_value` is `precision`) and `fbeta_score`, which is `fBeta`.
 */
export const formulas = {
  iou_score: ({ tp, fp, fn }) => tp / (tp + fp + fn),
  f1_score: fBeta(1),
  accuracy: ({ tp, fp, fn, tn }) => (tp + tn) / (tp + fp + fn + tn),
  precision,
  recall,
  specificity,
  balanced_accuracy: (counts) => (recall(counts) + specificity(counts)) / 2,
  negative_predictive_value: negativePredictiveValue,
  false_negative_rate: falseNegativeRate,
  false_positive_rate: falsePositiveRate,
  false_discovery_rate: (counts) => 1 - precision(counts),
  false_omission_rate: (counts) => 1 - negativePredictiveValue(counts),
  positive_likelihood_ratio: (counts) => recall(counts) / falsePositiveRate(counts),
  negative_likelihood_ratio: (counts) => falseNegativeRate(counts) / specificity(counts),
} satisfies Readonly<Record<string, Formula>>;

export type MetricName = keyof typeof formulas;
