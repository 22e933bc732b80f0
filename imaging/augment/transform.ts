import type { Json } from '../../base/canonical.ts';
import type { Random } from '../../base/random.ts';
import type { Raster } from '../raster.ts';
import { remapLinear, remapNearest, type Border, type SourceMap } from '../remap.ts';

/** The images of a place, one a date and all of as many bands, and their one mask; all of equal size. */
export interface Sample {
  readonly images: readonly Raster[];
  readonly mask: Raster;
}

/** What a transform does to an image of a sample, and to its mask where that moves with it. */
export interface Change {
  image(image: Raster): Raster | Promise<Raster>;
  mask?(mask: Raster): Raster;
}

/** A transform with its parameters drawn. */
interface Drawn extends Change {
  readonly parameters: Parameters;
}

type Parameters = { readonly [parameter: string]: Json };

/** What was done to a sample, for KEY.json: the transform's name and its parameters. */
export type TransformRecord = { readonly name: string } & Parameters;

/** One member of a composition. */
export interface Transform {
  readonly name: string;
  /** Its probability, or its weight inside a one-of. */
  readonly p: number;
  /**
   * What parameters are drawn for. A `place` is moved with all its dates and its mask alike, since they show the same
   * ground. A `date` was taken in a light of its own and stored for itself: its parameters say nothing of another date's.
   */
  readonly of: 'place' | 'date';
  /** Draws parameters for a sample of the given size in pixels. Random numbers must not depend on the pixels. */
  draw(random: Random, width: number, height: number): Drawn;
}

/** Moves pixels: images bilinear, the mask nearest, from one set of coordinates. */
export function warp(map: SourceMap, border: Border): Required<Change> {
  return {
    image: (image) => remapLinear(image, map, border),
    mask: (mask) => remapNearest(mask, map, border),
  };
}

export function rastersOf({ images, mask }: Sample): readonly Raster[] {
  return [...images, mask];
}
