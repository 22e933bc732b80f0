import { takePixels } from './pixel-pool.ts';
import type { Raster } from './raster.ts';

/** How pixels outside a picture are made: `reflect` is cba|abc|cba, `reflect101` is dcb|abcd|cba (OpenCV's names). */
export type Border = 'reflect' | 'reflect101';

/**
 * Where the pixels of a picture come from. Both functions fill one row of source coordinates, for target row `y` and all x:
 * `linear` in 1/32 pixel (OpenCV's INTER_TAB_SIZE), `nearest` in whole pixels. Coordinates may lie outside the source.
 */
export interface SourceMap {
  readonly width: number;
  readonly height: number;
  linear(y: number, xs: Int32Array, ys: Int32Array): void;
  nearest(y: number, xs: Int32Array, ys: Int32Array): void;
}

/** Index inside 0…length−1 that stands for `index` beyond the border (cv::borderInterpolate). */
export function reflectIndex(index: number, length: number, border: Border): number {
  if (length === 1) return 0;
  const edge = border === 'reflect101' ? 1 : 0;
  let at = index;
  while (at < 0 || at >= length) at = at < 0 ? edge - 1 - at : 2 * length - 1 - edge - at;
  return at;
}

/**
 * Samples an image with bilinear weights in 1/1024, rounded half up: the numbers of OpenCV's fixed-point remap, whose
 * weights are the same fractions in 1/32768. Written out for three channels: a loop over them takes half as long again.
 */
export function remapLinear(source: Raster, map: SourceMap, border: Border): Raster {
  const { width, height, channels, pixels } = source;
  const out = takePixels(map.width * map.height * channels);
  const xs = new Int32Array(map.width);
  const ys = new Int32Array(map.width);
  const stride = width * channels;
  let to = 0;
  for (let y = 0; y < map.height; y += 1) {
    map.linear(y, xs, ys);
    for (let x = 0; x < map.width; x += 1) {
      const fixedX = xs[x] as number;
      const fixedY = ys[x] as number;
      const left = fixedX >> 5;
      const top = fixedY >> 5;
      let from00 = top * stride + left * channels;
      let from01 = from00 + channels;
      let from10 = from00 + stride;
      let from11 = from10 + channels;
      // A negative number is a huge one without its sign: one comparison for both ends.
      if (left >>> 0 >= width - 1 || top >>> 0 >= height - 1) {
        const x0 = reflectIndex(left, width, border) * channels;
        const x1 = reflectIndex(left + 1, width, border) * channels;
        const y0 = reflectIndex(top, height, border) * stride;
        const y1 = reflectIndex(top + 1, height, border) * stride;
        from00 = y0 + x0;
        from01 = y0 + x1;
        from10 = y1 + x0;
        from11 = y1 + x1;
      }
      const right = fixedX & 31;
      const below = fixedY & 31;
      const weight11 = right * below;
      const weight01 = right * 32 - weight11;
      const weight10 = below * 32 - weight11;
      const weight00 = 1024 - weight01 - weight10 - weight11;
      if (channels !== 3) {
        for (let c = 0; c < channels; c += 1) {
          out[to + c] =
            ((pixels[from00 + c] as number) * weight00 +
              (pixels[from01 + c] as number) * weight01 +
              (pixels[from10 + c] as number) * weight10 +
              (pixels[from11 + c] as number) * weight11 +
              512) >>
            10;
        }
        to += channels;
        continue;
      }
      out[to + 0] =
        ((pixels[from00 + 0] as number) * weight00 +
          (pixels[from01 + 0] as number) * weight01 +
          (pixels[from10 + 0] as number) * weight10 +
          (pixels[from11 + 0] as number) * weight11 +
          512) >>
        10;
      out[to + 1] =
        ((pixels[from00 + 1] as number) * weight00 +
          (pixels[from01 + 1] as number) * weight01 +
          (pixels[from10 + 1] as number) * weight10 +
          (pixels[from11 + 1] as number) * weight11 +
          512) >>
        10;
      out[to + 2] =
        ((pixels[from00 + 2] as number) * weight00 +
          (pixels[from01 + 2] as number) * weight01 +
          (pixels[from10 + 2] as number) * weight10 +
          (pixels[from11 + 2] as number) * weight11 +
          512) >>
        10;
      to += 3;
    }
  }
  return { width: map.width, height: map.height, channels, pixels: out };
}

/** Samples a picture without mixing: no value comes out that did not go in. */
export function remapNearest(source: Raster, map: SourceMap, border: Border): Raster {
  const { width, height, channels, pixels } = source;
  const out = takePixels(map.width * map.height * channels);
  const xs = new Int32Array(map.width);
  const ys = new Int32Array(map.width);
  let to = 0;
  for (let y = 0; y < map.height; y += 1) {
    map.nearest(y, xs, ys);
    for (let x = 0; x < map.width; x += 1) {
      let fromX = xs[x] as number;
      let fromY = ys[x] as number;
      if (fromX >>> 0 >= width || fromY >>> 0 >= height) {
        fromX = reflectIndex(fromX, width, border);
        fromY = reflectIndex(fromY, height, border);
      }
      const from = (fromY * width + fromX) * channels;
      for (let c = 0; c < channels; c += 1) {
        out[to] = pixels[from + c] as number;
        to += 1;
      }
    }
  }
  return { width: map.width, height: map.height, channels, pixels: out };
}
