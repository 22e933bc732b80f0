import type { Random } from '../../base/random.ts';
import { recycle } from '../pixel-pool.ts';
import type { Raster } from '../raster.ts';
import { chooseOne } from './one-of.ts';
import { rastersOf, type Sample, type Transform, type TransformRecord } from './transform.ts';

/** A step of a composition: a transform with its probability, or one of several (then forced) with the group's probability. */
export type Step =
  Transform | { readonly name: string; readonly p: number; readonly oneOf: readonly Transform[] };

/** The random numbers of a step; dates after the first have numbers of their own. */
type RandomFor = (name: string, ...date: readonly number[]) => Random;

/**
 * Sends a sample through the steps in order. Each step has its own random numbers (`randomFor(name)`): first whether it
 * happens at all, then its parameters, so that a change of one step leaves the draws of the others alone. Whether it happens,
 * and which one of several, is drawn once for all dates of a sample. What lies between two steps goes back to the pixel
 * pool; the given sample stays as it is, and its rasters may be among what comes out.
 */
export async function compose(
  steps: readonly Step[],
  sample: Sample,
  randomFor: RandomFor,
): Promise<{ readonly sample: Sample; readonly transforms: readonly TransformRecord[] }> {
  const transforms: TransformRecord[] = [];
  let current = sample;
  for (const step of steps) {
    const random = randomFor(step.name);
    if (random.next() >= step.p) continue;
    const chosen = 'oneOf' in step ? chooseOne(step.oneOf, random) : step;
    if (chosen === undefined) continue;
    const first = chosen === step ? random : randomFor(chosen.name);
    const changed = await change(chosen, current, (date) =>
      date === 0 ? first : randomFor(chosen.name, date),
    );
    recycleBetween(sample, current, changed.sample);
    current = changed.sample;
    transforms.push(changed.record);
  }
  return { sample: current, transforms };
}

/** Draws once for the place, or for each of its dates, and applies what was drawn. */
async function change(
  transform: Transform,
  { images, mask }: Sample,
  randomOf: (date: number) => Random,
): Promise<{ readonly sample: Sample; readonly record: TransformRecord }> {
  const { width, height } = mask;
  const { name, of } = transform;
  const draw = (date: number) => transform.draw(randomOf(date), width, height);
  const first = draw(0);
  const drawn = images.map((_, date) => (date === 0 || of === 'place' ? first : draw(date)));
  const changed: Raster[] = [];
  for (const [date, image] of images.entries()) changed.push(await (drawn[date] ?? first).image(image));
  const record: TransformRecord =
    of === 'date' && images.length > 1
      ? { name, dates: drawn.map(({ parameters }) => parameters) }
      : { name, ...first.parameters };
  return { sample: { images: changed, mask: first.mask?.(mask) ?? mask }, record };
}

/** Recycles the rasters of `before` that are neither the caller's nor handed on. */
function recycleBetween(given: Sample, before: Sample, after: Sample): void {
  const kept = new Set([...rastersOf(given), ...rastersOf(after)]);
  for (const raster of rastersOf(before)) if (!kept.has(raster)) recycle(raster);
}
