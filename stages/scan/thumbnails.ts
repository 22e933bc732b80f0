import { join } from 'node:path';
import { FaultError } from '../../base/fault.ts';
import { decodeImage, decodeMask } from '../../imaging/decode.ts';
import { encodePng } from '../../imaging/encode.ts';
import { inColours } from '../../imaging/in-colours.ts';
import { blankRaster, type Raster } from '../../imaging/raster.ts';
import { rgbOf, type ClassRow } from '../class-table.ts';
import type { Catalog, CatalogMask } from './catalog.ts';

/** Small pictures of a mask and its images, for the report. */
export interface Example {
  readonly mask: CatalogMask;
  readonly images: readonly { readonly period: string; readonly png: Buffer }[];
  readonly classes: Buffer;
}

const SIDE = 160;
const EXAMPLES = 6;
const PERIODS = 3;

/** Draws the first mask of the largest groups, then further masks of them, with up to three of its images. */
export async function drawExamples(
  folder: string,
  catalog: Catalog,
  rows: readonly ClassRow[],
  channels: number,
): Promise<readonly Example[]> {
  const colours = new Map(rows.map((row) => [row.value, rgbOf(row.colour)]));
  const examples: Example[] = [];
  for (const mask of choose(catalog)) {
    const decoded = await decodeMask(join(folder, mask.mask), mask.mask);
    if (!decoded.ok) throw new FaultError(...decoded.faults);
    const images = [];
    for (const { period, path } of mask.images.slice(0, PERIODS)) {
      const image = await decodeImage(join(folder, path), path, channels);
      if (!image.ok) throw new FaultError(...image.faults);
      images.push({ period, png: await encodePng(shrink(inColours(image.value))) });
    }
    examples.push({ mask, images, classes: await encodePng(shrink(paint(decoded.value, colours))) });
  }
  return examples;
}

function choose(catalog: Catalog): readonly CatalogMask[] {
  const lists = catalog.groups.map(({ key }) => catalog.masks.filter((mask) => mask.group === key));
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, round) => lists.flatMap((list) => list.slice(round, round + 1)))
    .flat()
    .slice(0, EXAMPLES);
}

function paint(mask: Raster, colours: ReadonlyMap<number, readonly [number, number, number]>): Raster {
  const { pixels, ...picture } = blankRaster(mask.width, mask.height, 3);
  for (const [at, value] of mask.pixels.entries()) pixels.set(colours.get(value) ?? [0, 0, 0], at * 3);
  return { ...picture, pixels };
}

/** The mean of whole blocks of pixels, so that the longer side is at most `SIDE`. */
function shrink(source: Raster): Raster {
  const step = Math.ceil(Math.max(source.width, source.height) / SIDE);
  if (step === 1) return source;
  const small = blankRaster(
    Math.max(1, Math.floor(source.width / step)),
    Math.max(1, Math.floor(source.height / step)),
    source.channels,
  );
  for (let y = 0; y < small.height; y += 1) {
    for (let x = 0; x < small.width; x += 1) {
      for (let channel = 0; channel < small.channels; channel += 1) {
        small.pixels[(y * small.width + x) * small.channels + channel] = mean(source, x, y, channel, step);
      }
    }
  }
  return small;
}

function mean(source: Raster, x: number, y: number, channel: number, step: number): number {
  const right = Math.min(source.width, (x + 1) * step);
  const bottom = Math.min(source.height, (y + 1) * step);
  let sum = 0;
  for (let row = y * step; row < bottom; row += 1) {
    for (let column = x * step; column < right; column += 1) {
      sum += source.pixels[(row * source.width + column) * source.channels + channel] ?? 0;
    }
  }
  return Math.round(sum / ((right - x * step) * (bottom - y * step)));
}
