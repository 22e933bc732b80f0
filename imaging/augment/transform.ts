import type { Json } from '../../base/canonical.ts';
import type { Random } from '../../base/random.ts';
import type { Raster } from '../raster.ts';

/** An image (of any number of channels) and its mask (1 channel) of equal size, which every transform keeps in step. */
export interface ImageAndMask {
  readonly image: Raster;
  readonly mask: Raster;
}

/** A transform with its parameters drawn: `record` says what was drawn, `apply` does it. */
interface Drawn {
  readonly record: TransformRecord;
  apply(sample: ImageAndMask): ImageAndMask | Promise<ImageAndMask>;
}

/** What was done to a sample, for KEY.json: the transform's name and its parameters. */
export interface TransformRecord {
  readonly name: string;
  readonly [parameter: string]: Json;
}

/** One member of a composition. `p` is its probability, or its weight inside a one-of. */
export interface Transform {
  readonly name: string;
  readonly p: number;
  /** Draws parameters for a sample of the given size in pixels. Random numbers must not depend on the pixels. */
  draw(random: Random, width: number, height: number): Drawn;
}
