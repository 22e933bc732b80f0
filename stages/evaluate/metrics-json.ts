import type { Json } from '../../base/canonical.ts';
import type { ClassRow } from '../class-table.ts';
import type { Scores } from './scores.ts';

/** `metrics.json` (docs/architecture.md): the scores under the names that people compare. */
export function metricsJson(
  scores: Scores,
  classes: readonly ClassRow[],
  best: { readonly epoch: number; readonly val_iou: number },
): Json {
  const named = (train: number) => ({
    value: classes[train]?.value ?? null,
    name: classes[train]?.name ?? null,
  });
  return {
    // Top-level numbers are the headline: what the screen and `ers show` print.
    test_iou: scores.iou,
    commonest_class_iou: scores.commonest.iou,
    mean_iou: scores.meanIou,
    mean_f1: scores.meanF1,
    pixel_accuracy: scores.pixelAccuracy,
    model: { best_epoch: best.epoch, val_iou: best.val_iou },
    test_set: { samples: scores.samples },
    commonest_class: { ...named(scores.commonest.train), pixel_accuracy: scores.commonest.pixelAccuracy },
    per_class: scores.perClass.map(({ train, pixels, iou, f1, precision, recall }) => ({
      ...named(train),
      pixels,
      iou,
      f1,
      precision,
      recall,
    })),
    per_period: Object.fromEntries(
      scores.perPeriod.map(({ period, samples, iou }) => [period, { samples, iou }]),
    ),
    confusion: scores.confusion,
    smp: scores.reduced,
  };
}
