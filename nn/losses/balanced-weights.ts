/**
 * A factor for each class that makes all classes weigh the same: w_c = N/(C·n_c), with n_c pixels of class c, N = Σ n_c, and
 * C the number of classes that have any. The rule "balanced" of scikit-learn's `compute_class_weight` (King and Zeng 2001),
 * whose classes are likewise those that occur. A class without a pixel gets 0: nothing can be learnt of it, and it takes no
 * part in the mean over classes. Σ w_c·n_c = N, so that a pixel weighs 1 on average.
 */
export function balancedWeights(pixels: readonly number[]): readonly number[] {
  const all = pixels.reduce((sum, count) => sum + count, 0);
  const present = pixels.filter((count) => count > 0).length;
  return pixels.map((count) => (count === 0 ? 0 : all / (present * count)));
}
