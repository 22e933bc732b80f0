import { takePixels } from './pixel-pool.ts';
import type { Raster } from './raster.ts';
import { roundHalfEven } from './rounding.ts';

/** Source index and the weight of its right or lower neighbour in 1/2048, for each target index of one axis. */
interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Int32Array;
}

/** OpenCV's INTER_RESIZE_COEF_BITS. */
const one = 2048;

/**
 * Resizes with bilinear interpolation about half-pixel centres: cv2.resize with INTER_LINEAR on uint8, in the same fixed
 * point arithmetic. As there, no smoothing happens when shrinking, and exactly half the size is the mean of 2×2 pixels.
 */
export function resizeLinear(source: Raster, width: number, height: number): Raster {
  if (source.width === width && source.height === height) return source;
  if (source.width === 2 * width && source.height === 2 * height) return halve(source);
  const { channels, pixels } = source;
  const columns = taps(source.width, width, true);
  const rows = taps(source.height, height, false);
  const stride = source.width * channels;
  const length = width * channels;
  const out = takePixels(length * height);

  const blendRow = (row: number, into: Int32Array): void => {
    const start = row * stride;
    let to = 0;
    for (let x = 0; x < width; x += 1) {
      const left = start + (columns.first[x] as number) * channels;
      const right = start + (columns.second[x] as number) * channels;
      const weight = columns.weight[x] as number;
      const rest = one - weight;
      for (let c = 0; c < channels; c += 1) {
        into[to] = (pixels[left + c] as number) * rest + (pixels[right + c] as number) * weight;
        to += 1;
      }
    }
  };
  let upper = new Int32Array(length);
  let lower = new Int32Array(length);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < height; y += 1) {
    const first = rows.first[y] as number;
    const second = rows.second[y] as number;
    if (first === lowerRow) {
      [upper, lower] = [lower, upper];
      [upperRow, lowerRow] = [lowerRow, upperRow];
    }
    if (first !== upperRow) blendRow((upperRow = first), upper);
    if (second !== lowerRow) blendRow((lowerRow = second), lower);
    const weight = rows.weight[y] as number;
    const rest = one - weight;
    const start = y * length;
    // The two shifts lose bits on purpose: OpenCV multiplies 16-bit halves here (VResizeLinear).
    for (let x = 0; x < length; x += 1) {
      const above = (rest * ((upper[x] as number) >> 4)) >> 16;
      const below = (weight * ((lower[x] as number) >> 4)) >> 16;
      out[start + x] = (above + below + 2) >> 2;
    }
  }
  return { width, height, channels, pixels: out };
}

/**
 * Resizes without mixing: target pixel i takes the source pixel under its centre, ⌊(i + ½)·source/target⌋, so that a mask
 * lies under its bilinear image. The same pixels as cv2.INTER_NEAREST_EXACT; cv2.INTER_NEAREST takes ⌊i·source/target⌋
 * instead, which shifts masks by up to half a pixel (albumentations#850).
 */
export function resizeNearest(source: Raster, width: number, height: number): Raster {
  if (source.width === width && source.height === height) return source;
  const { channels, pixels } = source;
  const columns = Int32Array.from(
    { length: width },
    (_, x) => underCentre(x, source.width, width) * channels,
  );
  const out = takePixels(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    const start = underCentre(y, source.height, height) * source.width * channels;
    for (let x = 0; x < width; x += 1) {
      const from = start + (columns[x] as number);
      for (let c = 0; c < channels; c += 1) {
        out[to] = pixels[from + c] as number;
        to += 1;
      }
    }
  }
  return { width, height, channels, pixels: out };
}

/** In 1/65536 pixel as OpenCV has it: a centre exactly between two pixels of an odd source belongs to the left or upper one. */
function underCentre(index: number, from: number, to: number): number {
  const step = Math.floor((from * 65536 + (to >> 1)) / to);
  const start = (step >> 1) - (from % 2);
  return Math.min(Math.floor((step * index + start) / 65536), from - 1);
}

/** Taps of one axis in float32, as OpenCV computes them. Beyond the border both taps are the edge pixel. */
function taps(from: number, to: number, across: boolean): Taps {
  const result = { first: new Int32Array(to), second: new Int32Array(to), weight: new Int32Array(to) };
  const scale = from / to;
  for (let index = 0; index < to; index += 1) {
    const centre = Math.fround((index + 0.5) * scale - 0.5);
    const first = Math.floor(centre);
    const outside = first < 0 || first >= from - 1;
    // OpenCV drops the fraction beyond the left and right border but keeps it beyond the upper and lower one.
    const fraction = outside && across ? 0 : Math.fround(centre - first);
    result.first[index] = Math.min(Math.max(first, 0), from - 1);
    result.second[index] = Math.min(Math.max(first + 1, 0), from - 1);
    result.weight[index] = roundHalfEven(Math.fround(fraction * one));
  }
  return result;
}

function halve(source: Raster): Raster {
  const { channels, pixels } = source;
  const [width, height] = [source.width / 2, source.height / 2];
  const stride = source.width * channels;
  const out = takePixels(width * height * channels);
  let to = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = 2 * (y * stride + x * channels);
      for (let c = from; c < from + channels; c += 1) {
        const above = (pixels[c] as number) + (pixels[c + channels] as number);
        const below = (pixels[c + stride] as number) + (pixels[c + stride + channels] as number);
        out[to] = (above + below + 2) >> 2;
        to += 1;
      }
    }
  }
  return { width, height, channels, pixels: out };
}
