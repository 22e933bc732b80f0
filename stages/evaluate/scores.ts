/** The metrics of smp that are told in each reduction, beside the recipe's score. */
export const printedMetrics = ['iou_score', 'f1_score', 'precision', 'recall', 'accuracy'] as const;

/** All of smp's but `weighted-imagewise`, which it divides by the number of classes once too often. */
export const printedReductions = [
  'micro',
  'macro',
  'weighted',
  'micro-imagewise',
  'macro-imagewise',
] as const;

/** What the test set says of a model. Shares are 0…1; null where a score is not defined (a class that neither truth nor prediction has). */
export interface Scores {
  readonly samples: number;
  /** Mean over images of the IoU of all classes pooled: smp's `micro-imagewise`, the recipe's score. */
  readonly iou: number;
  readonly meanIou: number;
  readonly meanF1: number;
  readonly pixelAccuracy: number;
  /** What always answering the commonest class of this test set would score. */
  readonly commonest: { readonly train: number; readonly iou: number; readonly pixelAccuracy: number };
  readonly perClass: readonly ClassScore[];
  readonly perPeriod: readonly PeriodScore[];
  /** `confusion[truth][prediction]` in pixels, by train index. */
  readonly confusion: readonly (readonly number[])[];
  /** smp's metric → reduction → score, with its `zero_division=1`; null where smp has none. */
  readonly reduced: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
}

export interface ClassScore {
  readonly train: number;
  /** Scored pixels that are this class in truth. */
  readonly pixels: number;
  readonly iou: number | null;
  readonly f1: number | null;
  /** Share of the pixels called this class that are; null where none is called so. */
  readonly precision: number | null;
  /** Share of this class's pixels that are found; null where there is none. */
  readonly recall: number | null;
}

export interface PeriodScore {
  readonly period: string;
  readonly samples: number;
  readonly iou: number;
}

/** One sample and how well it was predicted; kept to choose which to draw. */
export interface SampleScore {
  readonly key: string;
  readonly name: string;
  readonly period: string | null;
  readonly iou: number;
}

type Standing = 'best' | 'median' | 'worst';

export interface Chosen extends SampleScore {
  readonly standing: Standing;
  readonly rank: number;
}

/**
 * The `count` best, `count` worst and `count` nearest to the median; ties go by key, no sample twice. They are taken in
 * turns, so that a small test set gives each standing its share.
 */
export function chooseSamples(samples: readonly SampleScore[], count: number): readonly Chosen[] {
  const ranked = [...samples].sort((a, b) => b.iou - a.iou || (a.key < b.key ? -1 : 1));
  const middle = (ranked.length - 1) / 2;
  const central = [...ranked.entries()]
    .sort(([a], [b]) => Math.abs(a - middle) - Math.abs(b - middle) || a - b)
    .map(([, sample]) => sample);
  const queues = { best: ranked, worst: ranked.toReversed(), median: central };
  const taken = new Set<string>();
  const chosen: Chosen[] = [];
  for (let rank = 1; rank <= count; rank += 1) {
    for (const standing of ['best', 'worst', 'median'] as const) {
      const sample = queues[standing].find(({ key }) => !taken.has(key));
      if (sample === undefined) continue;
      taken.add(sample.key);
      chosen.push({ ...sample, standing, rank });
    }
  }
  const order: readonly Standing[] = ['best', 'median', 'worst'];
  return order.flatMap((standing) => chosen.filter((sample) => sample.standing === standing));
}
