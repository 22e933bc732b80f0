import type { SourceMap } from '../remap.ts';
import { roundHalfEven } from '../rounding.ts';
import type { Random } from '../../base/random.ts';
import { warp, type Change, type Transform } from './transform.ts';

/** Number of cells an axis is cut into, and how far a cell's length may go from 1. */
export interface GridDistortionLimits {
  readonly p: number;
  readonly num_steps: number;
  readonly distort_limit: number;
}

/** Albumentations' GridDistortion: the cells of a grid are stretched or squeezed, each axis for itself. */
export function gridDistortionTransform(limits: GridDistortionLimits): Transform {
  const steps = (random: Random): number[] =>
    Array.from(
      { length: limits.num_steps + 1 },
      () => 1 + random.uniform(-limits.distort_limit, limits.distort_limit),
    );
  return {
    name: 'grid_distortion',
    p: limits.p,
    of: 'place',
    draw: (random, width, height) => {
      const xSteps = steps(random);
      const ySteps = steps(random);
      return {
        parameters: { x_steps: xSteps, y_steps: ySteps },
        ...gridDistortion(width, height, xSteps, ySteps),
      };
    },
  };
}

/** For pictures of the given size; border reflect101. Each axis has one more step than cells: the last is the remainder. */
export function gridDistortion(
  width: number,
  height: number,
  xSteps: readonly number[],
  ySteps: readonly number[],
): Required<Change> {
  const map = gridMap(gridCoordinates(width, xSteps), gridCoordinates(height, ySteps));
  return warp(map, 'reflect101');
}

/**
 * Source coordinate in pixels (float32) of each index of an axis. Cell i runs from where the last one ended over
 * ⌊length/cells⌋·steps[i] pixels, both ends included, so neighbouring cells repeat their common coordinate. The cell that
 * reaches past the end is cut there and ends at `length`.
 */
export function gridCoordinates(length: number, steps: readonly number[]): Float32Array {
  const cell = Math.max(1, Math.floor(length / (steps.length - 1)));
  const coordinates = new Float32Array(length);
  let before = 0;
  steps.forEach((step, index) => {
    const start = Math.min(index * cell, length);
    // Albumentations leaves what more than one remainder cell would need at 0; here the last cell takes it all.
    const cut = start + cell > length || (index === steps.length - 1 && start + cell < length);
    const end = cut ? length : start + cell;
    const after = cut ? length : before + cell * step;
    const slope = end - start > 1 ? (after - before) / (end - start - 1) : 0;
    for (let at = start; at < end; at += 1) coordinates[at] = (at - start) * slope + before;
    if (end - start > 1) coordinates[end - 1] = after;
    before = after;
  });
  return coordinates;
}

function gridMap(across: Float32Array, down: Float32Array): SourceMap {
  const rounded = (coordinates: Float32Array, scale: number): Int32Array =>
    Int32Array.from(coordinates, (coordinate) => roundHalfEven(coordinate * scale));
  const fine = { across: rounded(across, 32), down: rounded(down, 32) };
  const whole = { across: rounded(across, 1), down: rounded(down, 1) };
  return {
    width: across.length,
    height: down.length,
    linear: (y, xs, ys) => {
      xs.set(fine.across);
      ys.fill(fine.down[y] as number);
    },
    nearest: (y, xs, ys) => {
      xs.set(whole.across);
      ys.fill(whole.down[y] as number);
    },
  };
}
