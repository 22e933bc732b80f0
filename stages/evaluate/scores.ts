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
