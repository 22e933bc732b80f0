import type { SourceMap } from '../remap.ts';
import { roundHalfEven } from '../rounding.ts';
import { warp, type Change, type Transform } from './transform.ts';

/**
 * Albumentations' OpticalDistortion: a lens with both radial coefficients k, drawn from −limit…limit. Its shift rounds to 0
 * for every shift limit below ½, so there is none here.
 */
export function opticalDistortionTransform(limits: {
  readonly p: number;
  readonly distort_limit: number;
}): Transform {
  return {
    name: 'optical_distortion',
    p: limits.p,
    of: 'place',
    draw: (random, width, height) => {
      const k = random.uniform(-limits.distort_limit, limits.distort_limit);
      return { parameters: { k }, ...opticalDistortion(width, height, k) };
    },
  };
}

/** For pictures of the given size; border reflect101. */
export function opticalDistortion(width: number, height: number, k: number): Required<Change> {
  return warp(opticalMap(width, height, k), 'reflect101');
}

/**
 * Source coordinate of target (u, v) on an axis, in pixels: with X = (u − (W−1)/2)/W, Y alike and r² = X² + Y²,
 * x = W·X·(1 + k·r² + k·r⁴) + W/2. The half pixel by which it is off even at k = 0 is Albumentations' own.
 */
export function opticalCoordinate(X: number, Y: number, width: number, k: number): number {
  const r2 = X * X + Y * Y;
  return width * (X * (1 + (k * r2 + k) * r2)) + width * 0.5;
}

function opticalMap(width: number, height: number, given: number): SourceMap {
  const k = Math.fround(given);
  const mapX = new Float32Array(width * height);
  const mapY = new Float32Array(width * height);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    const Y = (y - (height - 1) / 2) / height;
    for (let x = 0; x < width; x += 1) {
      const X = (x - (width - 1) / 2) / width;
      mapX[at] = opticalCoordinate(X, Y, width, k);
      mapY[at] = opticalCoordinate(Y, X, height, k);
      at += 1;
    }
  }
  const fill = (y: number, xs: Int32Array, ys: Int32Array, scale: number): void => {
    const start = y * width;
    for (let x = 0; x < width; x += 1) {
      xs[x] = roundHalfEven((mapX[start + x] as number) * scale);
      ys[x] = roundHalfEven((mapY[start + x] as number) * scale);
    }
  };
  return {
    width,
    height,
    linear: (y, xs, ys) => fill(y, xs, ys, 32),
    nearest: (y, xs, ys) => fill(y, xs, ys, 1),
  };
}
