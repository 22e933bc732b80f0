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
}

export interface ClassScore {
  readonly train: number;
  /** Scored pixels that are this class in truth. */
  readonly pixels: number;
  readonly iou: number | null;
  readonly f1: number | null;
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
 * The `count` best, `count` around the median and `count` worst samples; ties go by key, no sample twice.
 * Small test sets give fewer, the worst and the best before the median.
 */
export function chooseSamples(samples: readonly SampleScore[], count: number): readonly Chosen[] {
  const ranked = [...samples].sort((a, b) => b.iou - a.iou || (a.key < b.key ? -1 : 1));
  const taken = new Set<string>();
  const take = (standing: Standing, candidates: readonly SampleScore[]): readonly Chosen[] => {
    const fresh = candidates.filter(({ key }) => !taken.has(key)).slice(0, count);
    for (const { key } of fresh) taken.add(key);
    return fresh.map((sample, at) => ({ ...sample, standing, rank: at + 1 }));
  };
  const start = Math.max(0, Math.floor((ranked.length - count) / 2));
  const worst = take('worst', ranked.toReversed());
  const best = take('best', ranked);
  const median = take('median', ranked.slice(start, start + count));
  return [...best, ...median, ...worst];
}
