import type { SourceMap } from './remap.ts';
import { roundHalfEven } from './rounding.ts';
import { cosSin } from './trigonometry.ts';

/** x' = m[0]·x + m[1]·y + m[2], y' = m[3]·x + m[4]·y + m[5], in pixels from the centre of the top left one. */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** Rotation by `degrees` (counter-clockwise on the screen) and scaling about (x, y): cv::getRotationMatrix2D. */
export function rotationAbout(x: number, y: number, degrees: number, scale: number): AffineMatrix {
  const { cos, sin } = cosSin(degrees);
  const a = scale * cos;
  const b = scale * sin;
  return [a, b, (1 - a) * x - b * y, -b, a, b * x + (1 - a) * y];
}

/** The inverse, as cv::invertAffineTransform; a singular matrix is a bug of the caller. */
function invertAffine([a, b, c, d, e, f]: AffineMatrix): AffineMatrix {
  const determinant = a * e - b * d;
  if (determinant === 0) throw new Error('Internal error: an affine matrix without inverse');
  const scale = 1 / determinant;
  const [a2, b2, d2, e2] = [e * scale, -b * scale, -d * scale, a * scale];
  return [a2, b2, -a2 * c - b2 * f, d2, e2, -d2 * c - e2 * f];
}

/** Coordinates are summed in 1/1024 pixel, as cv::warpAffine does (AB_BITS = 10). */
const scale = 1024;

/** The map of cv::warpAffine: `matrix` takes source to target coordinates; target and source have the given size. */
export function affineMap(matrix: AffineMatrix, width: number, height: number): SourceMap {
  const [a, b, c, d, e, f] = invertAffine(matrix);
  const acrossX = Int32Array.from({ length: width }, (_, x) => roundHalfEven(a * x * scale));
  const acrossY = Int32Array.from({ length: width }, (_, x) => roundHalfEven(d * x * scale));
  const fill = (y: number, xs: Int32Array, ys: Int32Array, half: number, shift: number): void => {
    const startX = roundHalfEven((b * y + c) * scale) + half;
    const startY = roundHalfEven((e * y + f) * scale) + half;
    for (let x = 0; x < width; x += 1) {
      xs[x] = (startX + (acrossX[x] as number)) >> shift;
      ys[x] = (startY + (acrossY[x] as number)) >> shift;
    }
  };
  return {
    width,
    height,
    linear: (y, xs, ys) => fill(y, xs, ys, 16, 5),
    nearest: (y, xs, ys) => fill(y, xs, ys, 512, 10),
  };
}
