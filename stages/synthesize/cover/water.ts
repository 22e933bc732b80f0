import type { Random } from '../../../base/random.ts';
import { EXTENT, randomFrame, seedOf } from '../frame.ts';
import { WATER, type Kind } from '../kinds.ts';
import { fractal, mix, noise, smoothstep } from '../noise.ts';
import { blend, set, type Colour } from '../season.ts';
import type { Cover } from './cover.ts';
import type { Road } from './road.ts';

export interface Water extends Cover {
  /** Units from the shore: positive in the water, negative on land; −Infinity where there is none. */
  readonly depth: (u: number, v: number) => number;
}

const deep: Colour = [24, 36, 44];
const shallow: Colour = [60, 82, 74];
const silt: Colour = [112, 116, 80];
const mud: Colour = [142, 128, 104];

/** A river that winds through the place, or a lake with bays beside its road. */
export function planWater(random: Random, kind: Kind, road: Road | undefined): Water {
  const depth = kind.river ? river(random) : kind.lake ? lake(random, road) : () => -Infinity;
  const seed = seedOf(random);
  const clouding = random.uniform(0.3, 1);
  return {
    value: WATER,
    depth,
    covers: (u, v) => depth(u, v) > 0,
    height: () => 0,
    paint: (paint, u, v, season) => {
      const below = depth(u, v);
      set(paint, deep);
      const floor = noise(seed + 3, u / 14, v / 14);
      blend(paint, shallow, 1 - smoothstep(0, 9, below + 4 * floor));
      const plume = smoothstep(-0.5, 0.6, fractal(seed, u / 46, v / 46, 3));
      blend(paint, silt, season.turbid * clouding * mix(0.35, 0.95, plume));
      const ripple = noise(seed + 7, u / 1.6 + v / 5, v / 3.4) + noise(seed + 9, u / 7, v / 11);
      blend(paint, [150, 160, 165], 0.05 + 0.05 * ripple);
      const shore = season.low + 1.2 * noise(seed + 5, u / 9, v / 9) * season.low;
      if (season.low > 0) blend(paint, mud, 1 - smoothstep(shore, shore + 0.9, below));
    },
  };
}

function river(random: Random): Water['depth'] {
  const frame = randomFrame(random);
  const seed = seedOf(random);
  const middle = random.uniform(-0.16, 0.16) * EXTENT;
  const bend = random.uniform(26, 44);
  const width = random.uniform(7, 11);
  const course = (along: number) =>
    middle + bend * noise(seed, along / 62, 0.5) + 7 * noise(seed + 1, along / 21, 0.5);
  return (u, v) => {
    const along = frame.along(u, v);
    const here = course(along);
    const slope = course(along + 0.5) - course(along - 0.5);
    const half = width * (1 + 0.45 * noise(seed + 2, along / 34, 0.5));
    const wobble = 1.5 * noise(seed + 3, u / 9, v / 9);
    return half - Math.abs(frame.across(u, v) - here) / Math.sqrt(1 + slope * slope) + wobble;
  };
}

function lake(random: Random, road: Road | undefined): Water['depth'] {
  const seed = seedOf(random);
  const spots = Array.from({ length: 10 }, () => ({
    u: random.uniform(0.14, 0.86) * EXTENT,
    v: random.uniform(0.14, 0.86) * EXTENT,
  }));
  const room = ({ u, v }: { readonly u: number; readonly v: number }) => road?.distance(u, v) ?? 0;
  const middle = spots.reduce((best, spot) => (room(spot) > room(best) ? spot : best));
  const radius = random.uniform(30, 40);
  const stretch = random.uniform(0.65, 1.3);
  return (u, v) => {
    const x = (u - middle.u) * stretch;
    const y = (v - middle.v) / stretch;
    return radius + 26 * fractal(seed, u / 44, v / 44, 4) - Math.sqrt(x * x + y * y);
  };
}
