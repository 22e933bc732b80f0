/** Pixel values of the demo's masks, as in the class table of config.yaml. */
export const BARE = 0;
export const WATER = 1;
export const FOREST = 2;
export const FIELD = 3;
export const MEADOW = 4;
export const TOWN = 5;
export const ROAD = 6;

/** What a place has. Forest, fields and meadow are everywhere. */
export interface Kind {
  readonly river: boolean;
  readonly lake: boolean;
  readonly road: boolean;
  readonly town: boolean;
  readonly bare: boolean;
  /** Shares of the place that forest and fields aim at; the rest is meadow. */
  readonly forest: number;
  readonly fields: number;
}

const farmland: Kind = {
  river: false,
  lake: false,
  road: true,
  town: false,
  bare: false,
  forest: 0.22,
  fields: 0.4,
};
const valley: Kind = { ...farmland, river: true, forest: 0.26, fields: 0.34 };
const lakeland: Kind = { ...farmland, lake: true, forest: 0.32, fields: 0.28 };
const village: Kind = { ...farmland, lake: true, town: true, forest: 0.2, fields: 0.38 };
const wild: Kind = { ...farmland, river: true, road: false, bare: true, forest: 0.34, fields: 0.2 };
const riverTown: Kind = { ...farmland, river: true, town: true, bare: true, forest: 0.2, fields: 0.32 };

/**
 * Kinds in the order in which places take them, again from the start after the last. Of 24 places 7 hold water, 6 are
 * dry farmland, 6 have a town too, 3 every class and 2 bare ground without a road: large class groups and rare ones.
 */
const CYCLE: readonly Kind[] = [
  farmland,
  valley,
  village,
  farmland,
  lakeland,
  riverTown,
  valley,
  farmland,
  village,
  wild,
  village,
  valley,
  village,
  farmland,
  riverTown,
  lakeland,
  farmland,
  village,
  valley,
  wild,
  farmland,
  lakeland,
  riverTown,
  village,
];

export function kindOf(place: number): Kind {
  return CYCLE[place % CYCLE.length] ?? farmland;
}
