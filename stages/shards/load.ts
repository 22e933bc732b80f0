import { join } from 'node:path';
import { FaultError, type Result } from '../../base/fault.ts';
import type { Sample } from '../../imaging/augment/transform.ts';
import { decodeImage, decodeMask } from '../../imaging/decode.ts';
import { saySize, type Raster } from '../../imaging/raster.ts';
import { resizeLinear, resizeNearest } from '../../imaging/resize.ts';
import type { Source, WorkerJob } from './job.ts';

/** Reads sources of one dataset as samples of img_size × img_size with train indices in the mask. Throws `FaultError`. */
export function sourceLoader(job: WorkerJob): (source: Source) => Promise<Sample> {
  const { img_size: size, channels } = job.params.image;
  const toTrain = trainIndices(job);
  return async (source) => {
    const images: Raster[] = [];
    for (const { path } of source.images) {
      images.push(need(await decodeImage(join(job.dataset, path), path, channels)));
    }
    const mask = need(await decodeMask(join(job.dataset, source.mask), source.mask));
    images.forEach((image, date) => checkSize(image, mask, source, date));
    const indices = indicesOf(mask, toTrain, source.mask);
    return {
      images: images.map((image) => resizeLinear(image, size, size)),
      mask: resizeNearest(indices, size, size),
    };
  };
}

function checkSize(image: Raster, mask: Raster, source: Source, date: number): void {
  if (image.width === mask.width && image.height === mask.height) return;
  throw new FaultError({
    code: 'ERS_SIZE_MISMATCH',
    message: `The image is ${saySize(image)} pixels and its mask is ${saySize(mask)}; expected equal sizes.`,
    place: { file: source.images[date]?.path ?? source.name },
    also: { file: source.mask },
    hint: 'Export both on the same grid; a turned mask has width and height exchanged.',
  });
}

/** Class value → train index, with `ignore` for ignored classes and −1 for values that no class has. */
function trainIndices({ classes, ignore }: WorkerJob): Int16Array {
  const table = new Int16Array(256).fill(-1);
  for (const { value, train } of classes) table[value] = train ?? ignore;
  return table;
}

function indicesOf(mask: Raster, toTrain: Int16Array, shownAs: string): Raster {
  const pixels = new Uint8Array(mask.pixels.length);
  for (let at = 0; at < pixels.length; at += 1) {
    const index = toTrain[mask.pixels[at] as number] as number;
    if (index < 0) {
      throw new FaultError({
        code: 'ERS_MASK_VALUE',
        message: `The mask has the value ${mask.pixels[at] as number}, which no class has.`,
        place: { file: shownAs, pixel: { x: at % mask.width, y: Math.floor(at / mask.width) } },
        hint: 'Add the value to the classes of config.yaml, or mend the mask.',
      });
    }
    pixels[at] = index;
  }
  return { ...mask, pixels };
}

function need<T>(result: Result<T>): T {
  if (!result.ok) throw new FaultError(...result.faults);
  return result.value;
}
