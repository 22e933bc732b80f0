import type { Random } from '../../base/random.ts';
import { recycle } from '../pixel-pool.ts';
import { chooseOne } from './one-of.ts';
import type { ImageAndMask, Transform, TransformRecord } from './transform.ts';

/** A step of a composition: a transform with its probability, or one of several (then forced) with the group's probability. */
export type Step =
  Transform | { readonly name: string; readonly p: number; readonly oneOf: readonly Transform[] };

/**
 * Sends a sample through the steps in order. Each step has its own random numbers (`randomFor(name)`): first whether it
 * happens at all, then its parameters, so that a change of one step leaves the draws of the others alone. What lies between
 * two steps goes back to the pixel pool; the given sample stays as it is, and may be what comes out.
 */
export async function compose(
  steps: readonly Step[],
  sample: ImageAndMask,
  randomFor: (name: string) => Random,
): Promise<{ readonly sample: ImageAndMask; readonly transforms: readonly TransformRecord[] }> {
  const transforms: TransformRecord[] = [];
  let current = sample;
  for (const step of steps) {
    const random = randomFor(step.name);
    if (random.next() >= step.p) continue;
    const chosen = 'oneOf' in step ? chooseOne(step.oneOf, random) : step;
    if (chosen === undefined) continue;
    const drawn = chosen.draw(
      chosen === step ? random : randomFor(chosen.name),
      current.image.width,
      current.image.height,
    );
    const before = current;
    current = await drawn.apply(before);
    recycleBetween(sample, before, current);
    transforms.push(drawn.record);
  }
  return { sample: current, transforms };
}

/** Recycles the rasters of `before` that are neither the caller's nor handed on. */
function recycleBetween(given: ImageAndMask, before: ImageAndMask, after: ImageAndMask): void {
  if (before.image !== given.image && before.image !== after.image) recycle(before.image);
  if (before.mask !== given.mask && before.mask !== after.mask) recycle(before.mask);
}
