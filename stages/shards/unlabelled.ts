import type { SetName } from '../split/manifest.ts';
import type { Source } from './job.ts';

/**
 * The warning about samples of a set whose resized masks hold ignored pixels only: resizing takes each pixel from one of the
 * mask, so that a few labelled ones can all fall between. Such a sample scores 1 whatever is predicted (smp's
 * `zero_division=1`). Undefined where there is none. `unlabelled` are indices of `sources`.
 */
export function sayUnlabelled(
  set: SetName,
  size: number,
  sources: readonly Source[],
  unlabelled: readonly number[],
): string | undefined {
  const [first] = unlabelled;
  if (first === undefined) return undefined;
  const [have, score] =
    unlabelled.length === 1
      ? ['has no labelled pixel', 'It scores an IoU of 1']
      : ['have no labelled pixel', 'They score an IoU of 1'];
  return `${unlabelled.length} of ${sources.length} ${set} samples ${have} left at ${size}×${size} (first ${sources[first]?.mask ?? ''}). ${score} whatever is predicted: raise image.img_size, or leave out masks with so few labelled pixels.`;
}
