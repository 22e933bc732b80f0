import { join } from 'node:path';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import { decodeImage, decodeMask } from '../../imaging/decode.ts';
import { saySize, type Raster } from '../../imaging/raster.ts';
import type { CatalogClass, CatalogMask } from './catalog.ts';
import type { Pair } from './pair.ts';

/** An image whose EXIF orientation is another than that of its stored pixels. */
export interface Turned {
  readonly path: string;
  readonly orientation: number;
}

/** Hears what happens while files are read. */
export interface Watch {
  /** Called after each file. */
  done(): void;
  turned(image: Turned): void;
}

/** What every pair is held to. */
export interface Expected {
  readonly classes: readonly CatalogClass[];
  /** Bands of an image. */
  readonly channels: number;
}

/**
 * Decodes a mask and its images whole, each once, and counts the mask's pixels a value.
 * Faults: those of decoding, ERS_SIZE_MISMATCH, ERS_MASK_VALUE.
 */
export async function measure(
  folder: string,
  pair: Pair,
  { classes, channels }: Expected,
  watch: Watch,
): Promise<Result<CatalogMask>> {
  const faults: Fault[] = [];
  const mask = await decodeMask(join(folder, pair.mask), pair.mask);
  watch.done();
  if (!mask.ok) faults.push(...mask.faults);
  for (const { path } of pair.images) {
    const image = await decodeImage(join(folder, path), path, channels);
    watch.done();
    if (!image.ok) {
      faults.push(...image.faults);
      continue;
    }
    const { orientation } = image.value;
    if (orientation !== undefined) watch.turned({ path, orientation });
    if (mask.ok) faults.push(...checkSize(mask.value, pair.mask, image.value, path));
  }
  if (!mask.ok) return fail(...faults);
  const counts = histogram(mask.value.pixels);
  faults.push(...checkValues(mask.value, pair.mask, counts, classes));
  if (faults.length > 0) return fail(...faults);
  const present = classes.filter(({ value }) => (counts[value] ?? 0) > 0);
  return ok({
    name: pair.name,
    mask: pair.mask,
    images: [...pair.images],
    width: mask.value.width,
    height: mask.value.height,
    histogram: Object.fromEntries(present.map(({ value }) => [String(value), counts[value] ?? 0])),
    group: present
      .filter(({ train }) => train !== null)
      .map(({ value }) => value)
      .join(','),
  });
}

function histogram(pixels: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const value of pixels) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function checkSize(mask: Raster, maskPath: string, image: Raster, imagePath: string): readonly Fault[] {
  if (mask.width === image.width && mask.height === image.height) return [];
  const turned = mask.width === image.height && mask.height === image.width;
  return [
    {
      code: 'ERS_SIZE_MISMATCH',
      message: `The mask is ${saySize(mask)} and its image ${saySize(image)}${turned ? ': width and height are swapped' : ''}; expected the same size.`,
      place: { file: maskPath },
      also: { file: imagePath },
      hint: turned
        ? 'Rotate or transpose the mask so that it lies on its image; look at them together before you train.'
        : 'Export both on one grid. Resize a mask by nearest neighbour only, or new class values appear.',
    },
  ];
}

function checkValues(
  mask: Raster,
  path: string,
  counts: Uint32Array,
  classes: readonly CatalogClass[],
): readonly Fault[] {
  const known = new Set(classes.map(({ value }) => value));
  const unknown = [...counts.entries()].filter(([value, count]) => count > 0 && !known.has(value));
  const [first] = unknown;
  if (first === undefined) return [];
  const at = mask.pixels.findIndex((value) => !known.has(value));
  const pixels = unknown.reduce((sum, [, count]) => sum + count, 0);
  const share = sayShare(pixels / mask.pixels.length);
  const shown = unknown.slice(0, 8).map(([value, count]) => `${value} (${count})`);
  const more = unknown.length > 8 ? ` and ${unknown.length - 8} more values` : '';
  const found =
    unknown.length === 1
      ? `Value ${first[0]} is no class: ${pixels} ${pixels === 1 ? 'pixel' : 'pixels'} (${share})`
      : `${unknown.length} values are no classes: ${pixels} pixels (${share}), by value ${shown.join(', ')}${more}; the first one is ${mask.pixels[at] ?? 0}`;
  return [
    {
      code: 'ERS_MASK_VALUE',
      message: `${found}. Expected ${[...known].join(', ')}.`,
      place: { file: path, pixel: { x: at % mask.width, y: Math.floor(at / mask.width) } },
      hint: `Correct the mask, or add a row to classes: { value: ${first[0]}, name: …, colour: … }, with ignore: true if such pixels shall not count.`,
    },
  ];
}

function sayShare(share: number): string {
  return share < 0.0001 ? 'under 0.01 %' : `${Math.round(share * 10000) / 100} %`;
}
