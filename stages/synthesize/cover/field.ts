import type { Random } from '../../../base/random.ts';
import { randomFrame, seedOf } from '../frame.ts';
import { FIELD } from '../kinds.ts';
import { chance, fractal, hash, mix, noise, smoothstep } from '../noise.ts';
import { blend, set, shade, type Colour } from '../season.ts';
import type { Cover } from './cover.ts';

interface Parcel {
  /** A number of the parcel, for its own chances. */
  readonly id: number;
  /** Units to the nearest border. */
  readonly border: number;
  /** A number of that border, the same seen from both sides. */
  readonly side: number;
  /** Coordinates in the direction of the borders. */
  readonly along: number;
  readonly across: number;
}

/** Parcels cover the whole place; which of them are tilled is for the landscape to say. */
export interface Parcels extends Omit<Cover, 'covers'> {
  at(u: number, v: number): Parcel;
}

interface Crop {
  /** Colour in months 6, 7 and 8. */
  readonly colours: readonly [Colour, Colour, Colour];
  /** How much rows show in each month, 0…1. */
  readonly rows: readonly [number, number, number];
}

const CROPS: readonly Crop[] = [
  // wheat: green, gold, stubble
  {
    colours: [
      [112, 132, 66],
      [196, 172, 98],
      [204, 186, 138],
    ],
    rows: [0.05, 0.05, 0.11],
  },
  // maize: soil with young rows, green, dark green
  {
    colours: [
      [136, 122, 88],
      [78, 110, 52],
      [66, 92, 46],
    ],
    rows: [0.16, 0.11, 0.07],
  },
  // rape: in flower, ripe, ploughed
  {
    colours: [
      [196, 188, 62],
      [152, 146, 86],
      [126, 102, 78],
    ],
    rows: [0.02, 0.05, 0.12],
  },
  // beet: green all summer
  {
    colours: [
      [98, 128, 64],
      [70, 116, 54],
      [80, 112, 56],
    ],
    rows: [0.14, 0.07, 0.06],
  },
  // fallow: ploughed soil, slowly greening
  {
    colours: [
      [134, 108, 84],
      [142, 120, 92],
      [138, 128, 88],
    ],
    rows: [0.14, 0.1, 0.06],
  },
  // barley: pale, stubble, green again
  {
    colours: [
      [164, 160, 92],
      [206, 188, 136],
      [120, 124, 74],
    ],
    rows: [0.05, 0.12, 0.07],
  },
];

export function planParcels(random: Random): Parcels {
  const frame = randomFrame(random);
  const seed = seedOf(random);
  const depth = random.uniform(38, 54);
  const length = random.uniform(44, 70);
  const at = (u: number, v: number): Parcel => {
    const along = frame.along(u, v) + 2.5 * noise(seed + 11, u / 60, v / 60);
    const across = frame.across(u, v) + 2.5 * noise(seed + 12, u / 60, v / 60);
    const strip = interval(seed, 0, across / depth);
    const piece = interval(seed + 1, strip.cell, along / length + chance(seed + 2, strip.cell));
    const toStrip = strip.distance * depth;
    const toPiece = piece.distance * length;
    return {
      id: hash(seed + 3, strip.cell, piece.cell),
      border: Math.min(toStrip, toPiece),
      side: toStrip < toPiece ? hash(seed + 4, strip.border, 0) : hash(seed + 5, strip.cell, piece.border),
      along,
      across,
    };
  };
  return {
    value: FIELD,
    at,
    height: () => 0,
    paint: (paint, u, v, season) => {
      const parcel = at(u, v);
      const crop = CROPS[parcel.id % CROPS.length];
      if (crop === undefined) throw new Error('Internal error: no crop');
      set(paint, crop.colours[season.index], mix(0.9, 1.1, chance(parcel.id, 1)));
      // Soil shows through where the crop is thin.
      const thin = fractal(parcel.id, u / 30, v / 30, 3);
      blend(paint, [150, 132, 100], 0.3 * smoothstep(0.05, 0.75, thin));
      shade(paint, 1 + 0.14 * fractal(parcel.id + 1, u / 22, v / 22, 4));
      const turned = chance(parcel.id, 2) < 0.5;
      const [over, row] = turned ? [parcel.along, parcel.across] : [parcel.across, parcel.along];
      const spacing = mix(2.6, 4.2, chance(parcel.id, 3));
      shade(
        paint,
        1 + crop.rows[season.index] * (wave(over / spacing) + 0.3 * noise(parcel.id + 2, row / 9, over)),
      );
      const track = Math.abs(wave(over / 21));
      if (season.index < 2 || crop.rows[2] > 0.1) shade(paint, 1 - 0.1 * (1 - smoothstep(0.02, 0.09, track)));
      // A grassy margin.
      blend(
        paint,
        season.dry > 0.4 ? [128, 126, 78] : [96, 120, 62],
        0.7 * (1 - smoothstep(0.7, 1.9, parcel.border)),
      );
    },
  };
}

/** Cells of about one unit with moved borders: which cell, how far its nearer border, and that border's number. */
function interval(seed: number, line: number, x: number): { cell: number; distance: number; border: number } {
  const edge = (at: number) => at + 0.5 * (chance(seed, at, line) - 0.5);
  let cell = Math.floor(x);
  if (x < edge(cell)) cell -= 1;
  else if (x >= edge(cell + 1)) cell += 1;
  const before = x - edge(cell);
  const after = edge(cell + 1) - x;
  return before < after
    ? { cell, distance: before, border: cell }
    : { cell, distance: after, border: cell + 1 };
}

/** A triangle wave of period 1, −1…1. */
function wave(x: number): number {
  const t = x - Math.floor(x);
  return 1 - 4 * Math.abs(t - 0.5);
}
