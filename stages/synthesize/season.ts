/** Red, green and blue, 0…255, not rounded. */
export type Colour = readonly [number, number, number];
/** What painters write into. */
export type Paint = [number, number, number];

type Month = 6 | 7 | 8;

/** A date of the survey: how green things are, where the sun stands, what the air does. */
export interface Season {
  readonly month: Month;
  /** 0 in month 6, 1 in 7, 2 in 8: an index into tables of crops. */
  readonly index: 0 | 1 | 2;
  /** Direction of shadows in units of the place for one unit of height. */
  readonly shadow: { readonly x: number; readonly y: number };
  readonly light: Colour;
  /** Share of haze, 0…1. */
  readonly haze: number;
  /** How far grass has dried, 0…1. */
  readonly dry: number;
  /** How far water has sunk, in units from the shore. */
  readonly low: number;
  /** How much silt and algae colour the water, 0…1. */
  readonly turbid: number;
}

export const SEASONS: readonly Season[] = [
  {
    month: 6,
    index: 0,
    shadow: { x: 0.55, y: 0.45 },
    light: [1.02, 1.03, 1],
    haze: 0.05,
    dry: 0,
    low: 0,
    turbid: 0.55,
  },
  {
    month: 7,
    index: 1,
    shadow: { x: 0.75, y: 0.35 },
    light: [1.05, 1.02, 0.97],
    haze: 0.09,
    dry: 0.5,
    low: 0.8,
    turbid: 0.1,
  },
  {
    month: 8,
    index: 2,
    shadow: { x: 0.95, y: 0.8 },
    light: [1, 0.97, 0.93],
    haze: 0.06,
    dry: 0.9,
    low: 2.8,
    turbid: 0.85,
  },
];

/** Writes a colour scaled by `shade`. */
export function set(paint: Paint, colour: Colour, shade = 1): void {
  paint[0] = colour[0] * shade;
  paint[1] = colour[1] * shade;
  paint[2] = colour[2] * shade;
}

/** Moves the paint towards a colour by a share. */
export function blend(paint: Paint, colour: Colour, share: number): void {
  paint[0] += (colour[0] - paint[0]) * share;
  paint[1] += (colour[1] - paint[1]) * share;
  paint[2] += (colour[2] - paint[2]) * share;
}

export function shade(paint: Paint, factor: number): void {
  paint[0] *= factor;
  paint[1] *= factor;
  paint[2] *= factor;
}
