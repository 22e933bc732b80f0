import { randomAt } from '../../base/random.ts';
import { planBare } from './cover/bare.ts';
import type { Cover } from './cover/cover.ts';
import { planParcels, type Parcels } from './cover/field.ts';
import { planCanopy } from './cover/forest.ts';
import { planMeadow } from './cover/meadow.ts';
import { planRoad, type Road } from './cover/road.ts';
import { planTown, type Town } from './cover/town.ts';
import { planWater, type Water } from './cover/water.ts';
import { EXTENT, seedOf } from './frame.ts';
import type { Kind } from './kinds.ts';
import { chance, fractal } from './noise.ts';

/** A place: its covers from the topmost to the meadow below all, and the lie of its land. */
export interface Landscape {
  readonly covers: readonly Cover[];
  /** Height of the ground, about −1…1. */
  relief(u: number, v: number): number;
}

/** Invents a place. The same seed, name and kind give the same place at any number of pixels. */
export function planLandscape(seed: number, name: string, kind: Kind): Landscape {
  const stream = (part: string) => randomAt('synthesize', seed, name, part);
  const road = kind.road ? planRoad(stream('road')) : undefined;
  const water = planWater(stream('water'), kind, road);
  const site = kind.town && road !== undefined ? townSite(road, water) : undefined;
  const town = site === undefined ? undefined : planTown(stream('town'), site);
  const taken = (u: number, v: number) =>
    Math.max(water.depth(u, v), site === undefined ? -Infinity : -away(site, u, v));
  const bare = kind.bare ? planBare(stream('bare'), taken) : undefined;
  const parcels = planParcels(stream('parcels'));
  const canopy = planCanopy(stream('canopy'));
  const wooded = whereWoods(seedOf(stream('woods')), kind.forest, parcels, water);
  const tilled = whereTilled(seedOf(stream('tilled')), kind.fields, parcels, water, wooded);
  const relief = seedOf(stream('relief'));
  return {
    covers: [
      ...(road === undefined ? [] : [streets(road, town, kind.lake ? water : undefined)]),
      ...(kind.river || kind.lake ? [water] : []),
      ...(town === undefined ? [] : [town]),
      ...(bare === undefined ? [] : [bare]),
      { ...canopy, covers: wooded },
      { ...parcels, covers: tilled },
      planMeadow(stream('meadow')),
    ],
    relief: (u, v) => fractal(relief, u / 80, v / 80, 4),
  };
}

function away(site: { readonly u: number; readonly v: number }, u: number, v: number): number {
  const x = u - site.u;
  const y = v - site.v;
  return Math.sqrt(x * x + y * y);
}

/** The point of the main road, well inside the place, that is farthest from water. */
function townSite(road: Road, water: Water): { readonly u: number; readonly v: number } {
  const inside = (at: number) => at > 0.16 * EXTENT && at < 0.84 * EXTENT;
  const sites = Array.from({ length: 25 }, (_, index) => road.point((index - 12) * 7));
  const near = sites.filter(({ u, v }) => inside(u) && inside(v));
  return near.reduce(
    (best, site) => (water.depth(site.u, site.v) < water.depth(best.u, best.v) ? site : best),
    near[0] ?? { u: EXTENT / 2, v: EXTENT / 2 },
  );
}

/** The roads and the streets of the town. They bridge rivers and end at lakes. */
function streets(road: Road, town: Town | undefined, lake: Water | undefined): Cover {
  return {
    ...road,
    covers: (u, v) =>
      (road.covers(u, v) || town?.street(u, v) === true) && (lake === undefined || lake.depth(u, v) < -1),
  };
}

/** Woods with ragged edges over a share of the place, and hedges along some borders of parcels. */
function whereWoods(seed: number, share: number, parcels: Parcels, water: Water): Cover['covers'] {
  const density = (u: number, v: number) => {
    const bank = water.depth(u, v);
    const riverside = bank > -12 ? 0.12 : 0;
    return fractal(seed, u / 62, v / 62, 5) + riverside;
  };
  const limit = quantile(density, 1 - share);
  return (u, v) => {
    if (density(u, v) > limit) return true;
    const { border, side } = parcels.at(u, v);
    return chance(side, 1) < 0.22 && border < 1.4 + 1.1 * fractal(seed + 50, u / 5, v / 5, 2);
  };
}

/** Whole parcels are tilled or not, but never the banks of water. */
function whereTilled(
  seed: number,
  share: number,
  parcels: Parcels,
  water: Water,
  wooded: Cover['covers'],
): Cover['covers'] {
  const rank = (u: number, v: number) => chance(seed, parcels.at(u, v).id);
  const open = (u: number, v: number) => water.depth(u, v) < -5 && !wooded(u, v);
  const limit = quantile((u, v) => (open(u, v) ? rank(u, v) : 2), share);
  return (u, v) => water.depth(u, v) < -5 && rank(u, v) <= limit;
}

/** The value that a share of the place lies below, from a grid that does not depend on the number of pixels. */
function quantile(of: (u: number, v: number) => number, share: number): number {
  const cells = 40;
  const values = new Float64Array(cells * cells);
  for (let at = 0; at < values.length; at += 1) {
    const u = ((at % cells) + 0.5) * (EXTENT / cells);
    const v = (Math.floor(at / cells) + 0.5) * (EXTENT / cells);
    values[at] = of(u, v);
  }
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
}
