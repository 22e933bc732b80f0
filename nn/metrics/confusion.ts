/**
 * Pixel counts of one image or many: C×C, row = label, column = prediction; ignored pixels are not counted.
 */
export interface Confusion {
  readonly classes: number;
  readonly counts: Float64Array;
}

export function emptyConfusion(classes: number): Confusion {
  return { classes, counts: new Float64Array(classes * classes) };
}

/** Counts pairs of train indices. Throws (a bug) on a label or a prediction outside 0…C−1 other than `ignore`. */
export function confusionOf(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  ignore: number,
): Confusion {
  const { counts } = emptyConfusion(classes);
  for (let pixel = 0; pixel < labels.length; pixel += 1) {
    const [label, prediction] = [labels[pixel] ?? -1, predictions[pixel] ?? -1];
    if (label === ignore) continue;
    if (label < 0 || label >= classes || prediction < 0 || prediction >= classes) {
      throw new Error(`Internal error: label ${label} and prediction ${prediction} of ${classes} classes`);
    }
    const at = label * classes + prediction;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { classes, counts };
}

/** Splits the counts of n images, one after another, into n confusions. */
export function confusionsOf(counts: ArrayLike<number>, classes: number): Confusion[] {
  const size = classes * classes;
  return Array.from({ length: counts.length / size }, (_, image) => ({
    classes,
    counts: Float64Array.from({ length: size }, (_, at) => counts[image * size + at] ?? 0),
  }));
}

/** Adds `more` to `total` in place. */
export function addConfusion(total: Confusion, more: Confusion): void {
  more.counts.forEach((count, at) => {
    total.counts[at] = (total.counts[at] ?? 0) + count;
  });
}

/** Pixels that are truly or falsely called a class, or called another one: true and false positives and negatives. */
export interface ClassCounts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  /** Ignored pixels are none of the four. */
  readonly tn: number;
}

/** The counts of each class, in the order of the classes; smp's `get_stats(mode='multiclass')` for one image. */
export function classCounts({ classes, counts }: Confusion): ClassCounts[] {
  const at = (label: number, prediction: number) => counts[label * classes + prediction] ?? 0;
  const all = Array.from({ length: classes }, (_, index) => index);
  const pixels = counts.reduce((total, count) => total + count, 0);
  return all.map((index) => {
    const others = all.filter((other) => other !== index);
    const tp = at(index, index);
    const fp = others.reduce((total, label) => total + at(label, index), 0);
    const fn = others.reduce((total, prediction) => total + at(index, prediction), 0);
    return { tp, fp, fn, tn: pixels - tp - fp - fn };
  });
}

export function addCounts(parts: readonly ClassCounts[]): ClassCounts {
  return parts.reduce((a, b) => ({ tp: a.tp + b.tp, fp: a.fp + b.fp, fn: a.fn + b.fn, tn: a.tn + b.tn }), {
    tp: 0,
    fp: 0,
    fn: 0,
    tn: 0,
  });
}
