import { affineMap, rotationAbout, type AffineMatrix } from '../affine.ts';
import { warp, type Change, type Transform } from './transform.ts';

/** Shift as a share of the size, scale as a share about 1, rotation in degrees; each drawn from −limit…limit. */
export interface ShiftScaleRotateLimits {
  readonly p: number;
  readonly shift_limit: number;
  readonly scale_limit: number;
  readonly rotate_limit: number;
}

/** Rotation in degrees, factor, and shifts as shares of width and height. */
export interface ShiftScaleRotateParameters {
  readonly angle: number;
  readonly scale: number;
  readonly dx: number;
  readonly dy: number;
}

/** Albumentations' ShiftScaleRotate with BORDER_REFLECT, the border of the recipe. */
export function shiftScaleRotateTransform(limits: ShiftScaleRotateLimits): Transform {
  return {
    name: 'shift_scale_rotate',
    p: limits.p,
    of: 'place',
    draw: (random, width, height) => {
      const drawn = {
        angle: random.uniform(-limits.rotate_limit, limits.rotate_limit),
        scale: 1 + random.uniform(-limits.scale_limit, limits.scale_limit),
        dx: random.uniform(-limits.shift_limit, limits.shift_limit),
        dy: random.uniform(-limits.shift_limit, limits.shift_limit),
      };
      return { parameters: drawn, ...shiftScaleRotate(width, height, drawn) };
    },
  };
}

/** Source to target: about the centre of the pixels ((W−1)/2, (H−1)/2), then shifted. */
export function shiftScaleRotateMatrix(
  width: number,
  height: number,
  { angle, scale, dx, dy }: ShiftScaleRotateParameters,
): AffineMatrix {
  const [a, b, c, d, e, f] = rotationAbout(width / 2 - 0.5, height / 2 - 0.5, angle, scale);
  return [a, b, c + dx * width, d, e, f + dy * height];
}

/** For pictures of the given size; border reflect. */
export function shiftScaleRotate(
  width: number,
  height: number,
  parameters: ShiftScaleRotateParameters,
): Required<Change> {
  return warp(affineMap(shiftScaleRotateMatrix(width, height, parameters), width, height), 'reflect');
}
