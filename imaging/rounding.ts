/** 1.5·2^52: adding it to a double leaves no room for a fraction, so the processor rounds to the nearest integer, ties to even. */
const noFraction = 6755399441055744;

/** Nearest integer, ties to even, as OpenCV's cvRound. For |value| < 2^51. */
export function roundHalfEven(value: number): number {
  return value + noFraction - noFraction;
}
