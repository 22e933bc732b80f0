import type { Random } from '../../../base/random.ts';
import { seedOf } from '../frame.ts';
import { FOREST } from '../kinds.ts';
import { chance, fractal, nearest, noise, smoothstep } from '../noise.ts';
import { blend, set, shade, type Colour } from '../season.ts';
import type { Cover } from './cover.ts';

/** How forest looks; the landscape says where it lies. */
export type Canopy = Omit<Cover, 'covers'>;

const CROWN = 5.2;
const leafy: readonly [Colour, Colour, Colour] = [
  [62, 92, 44],
  [60, 84, 44],
  [72, 84, 46],
];
const needles: readonly [Colour, Colour, Colour] = [
  [40, 62, 44],
  [38, 58, 42],
  [40, 58, 42],
];
const gap: Colour = [26, 38, 28];

export function planCanopy(random: Random): Canopy {
  const seed = seedOf(random);
  return {
    value: FOREST,
    height: (u, v) => 7 + 4 * noise(seed + 1, u / 6, v / 6),
    paint: (paint, u, v, season) => {
      const crown = nearest(seed, u / CROWN, v / CROWN);
      const mixed = fractal(seed + 2, u / 50, v / 50, 3) + 0.5 * (chance(crown.id, 1) - 0.5);
      set(paint, leafy[season.index]);
      blend(paint, needles[season.index], smoothstep(-0.12, 0.12, mixed));
      shade(paint, 0.85 + 0.36 * chance(crown.id, 2));
      // A few crowns turn early.
      if (season.index === 2 && chance(crown.id, 3) < 0.05) blend(paint, [138, 112, 54], 0.55);
      // The side of a crown that looks at the sun is bright.
      const lit = -(crown.dx * season.shadow.x + crown.dy * season.shadow.y);
      shade(paint, 1 + 0.75 * lit);
      blend(paint, gap, 0.75 * smoothstep(0.16, 0.5, crown.distance));
      shade(paint, 1 + 0.16 * noise(seed + 4, u / 1.3, v / 1.3));
    },
  };
}
