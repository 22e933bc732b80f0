import type { Random } from '../../../base/random.ts';
import { EXTENT, randomFrame, seedOf, type Frame } from '../frame.ts';
import { ROAD } from '../kinds.ts';
import { noise, smoothstep } from '../noise.ts';
import { blend, set } from '../season.ts';
import type { Cover } from './cover.ts';

export interface Road extends Cover {
  /** Units from the middle of the main road. */
  readonly distance: (u: number, v: number) => number;
  /** A point in the middle of the main road, `along` units from the middle of its course. */
  readonly point: (along: number) => { readonly u: number; readonly v: number };
}

interface Course {
  readonly frame: Frame;
  readonly seed: number;
  readonly offset: number;
  readonly bend: number;
  readonly half: number;
}

/** A main road of tarmac and a gravel lane, gently curved. */
export function planRoad(random: Random): Road {
  const main = course(random, 3.1);
  const lane = course(random, 2);
  const seed = seedOf(random);
  const middle = (road: Course, along: number) =>
    road.offset + road.bend * noise(road.seed, along / 120, 0.5);
  const away = (road: Course, u: number, v: number) => {
    const along = road.frame.along(u, v);
    const slope = middle(road, along + 0.5) - middle(road, along - 0.5);
    return (road.frame.across(u, v) - middle(road, along)) / Math.sqrt(1 + slope * slope);
  };
  return {
    value: ROAD,
    distance: (u, v) => Math.abs(away(main, u, v)),
    point: (along) => pointOf(main.frame, along, middle(main, along)),
    covers: (u, v) => Math.abs(away(main, u, v)) < main.half || Math.abs(away(lane, u, v)) < lane.half,
    height: () => 0,
    paint: (paint, u, v) => {
      const side = away(main, u, v);
      if (Math.abs(side) < main.half + 1) {
        set(paint, [112, 111, 112], 1 + 0.08 * noise(seed, u / 3, v / 3));
        if (Math.abs(side) < 0.35) blend(paint, [196, 194, 184], 0.7);
        blend(paint, [164, 154, 132], smoothstep(main.half - 0.9, main.half, Math.abs(side)));
      } else {
        const rut = Math.abs(Math.abs(away(lane, u, v)) - 0.9);
        set(paint, [178, 164, 136], 1 + 0.12 * noise(seed + 1, u / 2, v / 2));
        blend(paint, [126, 126, 84], 0.35 * smoothstep(0.4, 0.9, rut));
      }
    },
  };
}

function course(random: Random, half: number): Course {
  return {
    frame: randomFrame(random),
    seed: seedOf(random),
    offset: random.uniform(-0.2, 0.2) * EXTENT,
    bend: random.uniform(18, 40),
    half,
  };
}

/** Undoes a frame: the rotation is orthonormal, so its transpose leads back. */
function pointOf(frame: Frame, along: number, across: number): { u: number; v: number } {
  const middle = EXTENT / 2;
  const x = frame.along(middle + 1, middle);
  const y = frame.along(middle, middle + 1);
  return { u: middle + along * x - across * y, v: middle + along * y + across * x };
}
