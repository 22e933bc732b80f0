import type { Random } from '../../../base/random.ts';
import { EXTENT, seedOf } from '../frame.ts';
import { BARE } from '../kinds.ts';
import { fractal, noise, smoothstep } from '../noise.ts';
import { blend, set, shade } from '../season.ts';
import type { Cover } from './cover.ts';

/** A gravel pit in terraces: bare ground that hardly changes with the months. */
export function planBare(random: Random, taken: (u: number, v: number) => number): Cover {
  const seed = seedOf(random);
  const radius = random.uniform(27, 32);
  // Of a few spots the one that is farthest from water and town.
  const spots = Array.from({ length: 8 }, () => ({
    u: random.uniform(0.2, 0.8) * EXTENT,
    v: random.uniform(0.2, 0.8) * EXTENT,
  }));
  const middle = spots.reduce((best, spot) => (taken(spot.u, spot.v) < taken(best.u, best.v) ? spot : best));
  const depth = (u: number, v: number) => {
    const x = u - middle.u;
    const y = (v - middle.v) * 1.2;
    return radius + 16 * fractal(seed, u / 26, v / 26, 3) - Math.sqrt(x * x + y * y);
  };
  return {
    value: BARE,
    covers: (u, v) => depth(u, v) > 0,
    height: () => 0,
    paint: (paint, u, v) => {
      const below = depth(u, v) + 2 * noise(seed + 1, u / 8, v / 8);
      set(paint, [190, 166, 128]);
      blend(paint, [158, 130, 98], smoothstep(-0.3, 0.5, fractal(seed + 2, u / 18, v / 18, 3)));
      const step = below / 7 - Math.floor(below / 7);
      shade(paint, 0.96 + 0.16 * smoothstep(0.1, 0.25, step) - 0.2 * smoothstep(0.86, 0.98, step));
      shade(paint, 1 + 0.12 * noise(seed + 3, u / 2, v / 2));
    },
  };
}
