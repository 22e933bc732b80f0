/** Pixels of each class of a mask of train indices 0…C−1. Whatever is no such index, as an ignored pixel, is not counted. */
export function classHistogram(mask: Uint8Array, classes: number): readonly number[] {
  const counts = new Uint32Array(256);
  for (let at = 0; at < mask.length; at += 1) {
    const label = mask[at] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  return [...counts.subarray(0, classes)];
}
