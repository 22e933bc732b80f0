import { blankRaster, type Raster } from '../../imaging/raster.ts';
import { EXTENT } from './frame.ts';
import type { Landscape } from './landscape.ts';
import { FOREST } from './kinds.ts';
import { clamp } from './noise.ts';
import { blend, shade, type Paint, type Season } from './season.ts';

/** What a place looks like from above at some number of pixels, before it has a season. */
export interface Ground {
  readonly landscape: Landscape;
  readonly size: number;
  /** Index of the cover of each pixel. */
  readonly cover: Uint8Array;
  /** Height of crowns and houses in units, for shadows. */
  readonly height: Float64Array;
  /** Height of the ground. */
  readonly relief: Float64Array;
}

export function surveyGround(landscape: Landscape, size: number): Ground {
  const cover = new Uint8Array(size * size);
  const height = new Float64Array(size * size);
  const relief = new Float64Array(size * size);
  for (let at = 0; at < cover.length; at += 1) {
    const { u, v } = centre(at, size);
    const top = landscape.covers.findIndex((candidate) => candidate.covers(u, v));
    cover[at] = top;
    height[at] = landscape.covers[top]?.height(u, v) ?? 0;
    relief[at] = landscape.relief(u, v);
  }
  return { landscape, size, cover, height, relief };
}

/** The mask: one class value a pixel. */
export function maskOf({ landscape, size, cover }: Ground): Raster {
  const mask = blankRaster(size, size, 1);
  for (const [at, top] of cover.entries()) mask.pixels[at] = landscape.covers[top]?.value ?? 0;
  return mask;
}

/** Light as it leaves the ground: three numbers a pixel, 0…255, not rounded. */
export function lightOf(ground: Ground, season: Season): Float64Array {
  const { landscape, size, cover } = ground;
  const light = new Float64Array(size * size * 3);
  const paint: Paint = [0, 0, 0];
  for (let at = 0; at < cover.length; at += 1) {
    const { u, v } = centre(at, size);
    landscape.covers[cover[at] ?? 0]?.paint(paint, u, v, season);
    const flat = landscape.covers[cover[at] ?? 0]?.value === 1;
    if (!flat) shade(paint, 1 + 0.9 * slopeToSun(ground, at, season));
    const dark = shadow(ground, at, season);
    if (dark > 0) {
      shade(paint, 1 - 0.52 * dark);
      blend(paint, [40, 48, 66], 0.1 * dark);
    }
    light.set(paint, at * 3);
  }
  return light;
}

function centre(at: number, size: number): { u: number; v: number } {
  const unit = EXTENT / size;
  return { u: ((at % size) + 0.5) * unit, v: (Math.floor(at / size) + 0.5) * unit };
}

/** How much the ground leans to the sun, about −0.1…0.1. */
function slopeToSun({ size, relief }: Ground, at: number, season: Season): number {
  const x = at % size;
  const y = Math.floor(at / size);
  const right = relief[x + 1 < size ? at + 1 : at] ?? 0;
  const below = relief[y + 1 < size ? at + size : at] ?? 0;
  const here = relief[at] ?? 0;
  const units = size / EXTENT;
  return clamp(
    ((right - here) * season.shadow.x + (below - here) * season.shadow.y) * units * 1.8,
    -0.14,
    0.14,
  );
}

/** Share of sun that crowns and houses towards it keep off, 0…1. */
function shadow({ landscape, size, cover, height }: Ground, at: number, season: Season): number {
  const x = at % size;
  const y = Math.floor(at / size);
  const own = height[at] ?? 0;
  const units = size / EXTENT;
  const wood = landscape.covers[cover[at] ?? 0]?.value === FOREST;
  if (wood) return 0;
  for (let rise = 1; rise <= 10; rise += 0.75) {
    const column = Math.floor(x + 0.5 - rise * season.shadow.x * units);
    const row = Math.floor(y + 0.5 - rise * season.shadow.y * units);
    if (column < 0 || row < 0 || column >= size || row >= size) return 0;
    if ((height[row * size + column] ?? 0) > own + rise) return 1;
  }
  return 0;
}
