import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classCounts, confusionOf, emptyConfusion } from '../../../nn/metrics/confusion.ts';
import { fBeta, formulas, type Formula } from '../../../nn/metrics/formulas.ts';
import { reduce, reductions } from '../../../nn/metrics/reduce.ts';

/** Infinity and NaN are written as strings. */
type Score = number | string;
type Scores = Readonly<Record<string, Readonly<Record<string, Score>>>>;

/** Made by bench/peers/metrics_golden.py. */
interface Golden {
  readonly images: number;
  readonly classes: number;
  readonly ignore: number;
  readonly weights: readonly number[];
  readonly labels: readonly number[];
  readonly predictions: readonly number[];
  /** Images × classes. */
  readonly stats: Readonly<Record<'tp' | 'fp' | 'fn' | 'tn', readonly (readonly number[])[]>>;
  /** Metric → reduction → `zero_division` → score. */
  readonly metrics: Readonly<Record<string, Scores>>;
  readonly f2: Scores;
}

const path = new URL('../../golden/nn/metrics.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
const { classes, ignore, weights: classWeights } = golden;

const images = Array.from({ length: golden.images }, (_, image) => {
  const pixels = golden.labels.length / golden.images;
  const cut = (all: readonly number[]) => all.slice(image * pixels, (image + 1) * pixels);
  return confusionOf(cut(golden.predictions), cut(golden.labels), classes, ignore);
});

function scoresOf(formula: Formula): Scores {
  const withZero = (reduction: (typeof reductions)[number]) =>
    Object.fromEntries(
      [1, 0].map((zeroDivision) => {
        const score = reduce(formula, reduction, images, { classWeights, zeroDivision });
        return [zeroDivision, Number.isFinite(score) ? score : String(score)];
      }),
    );
  return Object.fromEntries(reductions.map((reduction) => [reduction, withZero(reduction)]));
}

/** Each score of smp's that ours is not, to 1e-6 of it (smp computes in single precision). */
function differing(found: Scores, wanted: Scores): string[] {
  return Object.entries(wanted).flatMap(([reduction, each]) =>
    Object.entries(each).flatMap(([zero, score]) => {
      const ours = found[reduction]?.[zero];
      const same =
        typeof score === 'number' && typeof ours === 'number'
          ? Math.abs(ours - score) <= 1e-6 * Math.max(1, Math.abs(score))
          : ours?.toString().toLowerCase().slice(0, 3) === score.toString().slice(0, 3);
      return same ? [] : [`${reduction}, zero_division ${zero}: ${String(ours)} instead of ${score}`];
    }),
  );
}

test('the counts of each image and class are those of smp', () => {
  const counts = images.map(classCounts);
  for (const kind of ['tp', 'fp', 'fn', 'tn'] as const) {
    expect(counts.map((image) => image.map((of) => of[kind]))).toEqual(golden.stats[kind]);
  }
});

describe('a metric is that of smp in all six reductions, to 1e-6', () => {
  test('all of the golden file are compared, in all reductions', () => {
    expect(Object.keys(formulas)).toEqual(Object.keys(golden.metrics));
    for (const scores of Object.values(golden.metrics)) expect(Object.keys(scores)).toEqual(reductions);
  });

  test.each(Object.entries(formulas))('%s', (name, formula) => {
    expect(differing(scoresOf(formula), golden.metrics[name] ?? {})).toEqual([]);
  });

  test('f2_score', () => {
    expect(differing(scoresOf(fBeta(2)), golden.f2)).toEqual([]);
  });
});

test('with nothing to score, micro is NaN as in smp, and the others are what is told', () => {
  const nothing = [emptyConfusion(2)];
  expect(reduce(formulas.iou_score, 'micro', nothing)).toBeNaN();
  expect(reduce(formulas.iou_score, 'macro', nothing)).toBe(1);
  expect(reduce(formulas.iou_score, 'macro', nothing, { zeroDivision: 0 })).toBe(0);
});
