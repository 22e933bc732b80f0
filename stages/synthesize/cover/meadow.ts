import type { Random } from '../../../base/random.ts';
import { seedOf } from '../frame.ts';
import { MEADOW } from '../kinds.ts';
import { chance, fractal, mix, nearest, noise, smoothstep } from '../noise.ts';
import { blend, set, shade, type Colour } from '../season.ts';
import type { Cover } from './cover.ts';

const lush: Colour = [104, 132, 76];
const damp: Colour = [74, 106, 64];
const straw: Colour = [158, 146, 92];

/** Grass: it covers whatever nothing else does. Dries from knolls to hollows, and shrubs are scattered over it. */
export function planMeadow(random: Random): Cover {
  const seed = seedOf(random);
  const tint = random.uniform(0.94, 1.06);
  const cell = random.uniform(13, 20);
  return {
    value: MEADOW,
    covers: () => true,
    height: () => 0,
    paint: (paint, u, v, season) => {
      const knoll = fractal(seed, u / 40, v / 40, 4);
      const tuft = fractal(seed + 5, u / 5, v / 5, 3);
      set(paint, lush, tint);
      blend(paint, damp, smoothstep(0, 0.5, -knoll));
      blend(paint, straw, season.dry * smoothstep(-0.55, 0.55, knoll + 0.35 * tuft));
      shade(paint, 1 + 0.2 * tuft + 0.07 * noise(seed + 9, u / 1.5, v / 1.5));
      const shrub = nearest(seed + 20, u / cell, v / cell);
      const size = mix(0.02, 0.1, chance(shrub.id, 1));
      const near = Math.sqrt(shrub.distance);
      if (chance(shrub.id, 2) < 0.4)
        blend(paint, [58, 84, 46], 0.7 * (1 - smoothstep(size * 0.6, size, near)));
      else if (chance(shrub.id, 2) > 0.85) {
        blend(paint, [176, 170, 120], 0.3 * season.dry * (1 - smoothstep(size, size * 3, near)));
      }
    },
  };
}
