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

/** True positives, false positives and false negatives of each class. */
export interface ClassCounts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

export function classCounts({ classes, counts }: Confusion): ClassCounts[] {
  const at = (label: number, prediction: number) => counts[label * classes + prediction] ?? 0;
  const all = Array.from({ length: classes }, (_, index) => index);
  return all.map((index) => {
    const others = all.filter((other) => other !== index);
    return {
      tp: at(index, index),
      fp: others.reduce((total, label) => total + at(label, index), 0),
      fn: others.reduce((total, prediction) => total + at(index, prediction), 0),
    };
  });
}
