import type { Random } from '../../../base/random.ts';
import { randomFrame, seedOf } from '../frame.ts';
import { TOWN } from '../kinds.ts';
import { chance, fractal, hash, mix, noise, smoothstep } from '../noise.ts';
import { blend, set, shade, type Colour } from '../season.ts';
import type { Cover } from './cover.ts';

export interface Town extends Cover {
  /** Streets inside the town: they are roads in the mask. */
  street(u: number, v: number): boolean;
}

const ROOFS: readonly Colour[] = [
  [158, 84, 66],
  [142, 74, 60],
  [126, 118, 114],
  [98, 96, 102],
  [172, 108, 82],
  [196, 190, 182],
];
const PLOT = 9.2;
const BLOCK = { along: 4 * PLOT, across: 2 * PLOT + 3.8 };
const STREET = 1.9;
const TREE = 3;

/** Blocks of houses with gardens between streets, around a point; its edge frays. */
export function planTown(random: Random, middle: { readonly u: number; readonly v: number }): Town {
  const frame = randomFrame(random);
  const seed = seedOf(random);
  const radius = random.uniform(28, 33);
  const stretch = random.uniform(0.75, 1.35);
  const from = {
    along: frame.along(middle.u, middle.v) + 1000,
    across: frame.across(middle.u, middle.v) + 1000,
  };
  // Plots are built on or not as a whole.
  const covers = (u: number, v: number) => {
    const along = (Math.floor((frame.along(u, v) + 1000) / PLOT) + 0.5) * PLOT - from.along;
    const across = (Math.floor((frame.across(u, v) + 1000) / PLOT) + 0.5) * PLOT - from.across;
    const x = along * stretch;
    const y = across / stretch;
    const edge = radius + 24 * fractal(seed, along / 34, across / 34, 3);
    return edge > 0 && x * x + y * y < edge * edge;
  };
  const site = (u: number, v: number) => {
    const along = frame.along(u, v) + 1000;
    const across = frame.across(u, v) + 1000;
    const inAlong = along - Math.floor(along / BLOCK.along) * BLOCK.along;
    const inAcross = across - Math.floor(across / BLOCK.across) * BLOCK.across;
    return { along, across, inAlong, inAcross };
  };
  const street = (u: number, v: number) => {
    const { inAlong, inAcross } = site(u, v);
    return (inAlong < 2 * STREET || inAcross < 2 * STREET) && covers(u, v);
  };
  const house = (u: number, v: number) => {
    const { along, across } = site(u, v);
    const column = Math.floor(along / PLOT);
    const row = Math.floor(across / PLOT);
    const id = hash(seed + 1, column, row);
    const x = along - (column + 0.5 + 0.2 * (chance(id, 1) - 0.5)) * PLOT;
    const y = across - (row + 0.5 + 0.2 * (chance(id, 2) - 0.5)) * PLOT;
    const half = { x: mix(2.4, 3.9, chance(id, 3)), y: mix(2.2, 3.2, chance(id, 4)) };
    const inside = chance(id, 5) < 0.86 && Math.abs(x) < half.x && Math.abs(y) < half.y;
    return inside && !street(u, v) ? { id, x, y } : undefined;
  };
  return {
    value: TOWN,
    covers,
    street,
    height: (u, v) => (house(u, v) === undefined ? 0 : 3.4),
    paint: (paint, u, v, season) => {
      const roof = house(u, v);
      if (roof !== undefined) {
        set(paint, ROOFS[roof.id % ROOFS.length] ?? [140, 120, 110]);
        // A ridge along the roof: one side looks at the sun.
        shade(paint, roof.y < 0 ? 1.14 : 0.84);
        if (Math.abs(roof.y) < 0.4) shade(paint, 1.12);
        return;
      }
      const lawn = fractal(seed + 3, u / 9, v / 9, 2);
      set(paint, [118, 128, 82]);
      blend(paint, [150, 142, 104], season.dry * 0.6);
      blend(paint, [168, 160, 148], smoothstep(0.1, 0.4, lawn));
      const cell = hash(seed + 4, Math.floor(u / TREE), Math.floor(v / TREE));
      if (chance(cell, 1) < 0.13) blend(paint, [56, 82, 48], 0.85);
      shade(paint, 1 + 0.12 * noise(seed + 5, u / 1.5, v / 1.5));
    },
  };
}
