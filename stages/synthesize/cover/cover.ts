import type { Paint, Season } from '../season.ts';

/** One kind of ground: where it lies and what it looks like. Coordinates in units of the place. */
export interface Cover {
  /** Pixel value in the mask. */
  readonly value: number;
  covers(u: number, v: number): boolean;
  /** Height above ground, for shadows. */
  height(u: number, v: number): number;
  paint(paint: Paint, u: number, v: number, season: Season): void;
}
