import { randomAt } from '../../base/random.ts';
import { byCodeUnit } from '../../base/canonical.ts';
import type { CatalogMask } from '../scan/catalog.ts';
import { SET_NAMES, type SetName } from './manifest.ts';
import { quotas, type Quota } from './quotas.ts';
import type { Stratum } from './strata.ts';

export interface Assigned {
  readonly mask: CatalogMask;
  readonly stratum: string;
  readonly set: SetName;
}

export interface Assignment {
  readonly samples: readonly Assigned[];
  /** Masks in train, val and test of each stratum, in the order of the strata. */
  readonly quotas: readonly Quota[];
}

/**
 * Gives each mask its set. Within a stratum masks are ranked by a random number of their own, keyed by
 * (seed, stratum, name): a mask that comes or goes leaves the order of all others as it is.
 */
export function assign(strata: readonly Stratum[], fractions: Quota, seed: number): Assignment {
  const divided = strata.filter((stratum) => !stratum.trainOnly);
  const counts = quotas(
    divided.map((stratum) => stratum.masks.length),
    fractions,
  );
  const rows = strata.map((stratum): Quota => {
    const row = counts[divided.indexOf(stratum)];
    return row ?? [stratum.masks.length, 0, 0];
  });
  const samples = strata.flatMap((stratum, index) => {
    const row = rows[index] ?? [0, 0, 0];
    const sets = SET_NAMES.flatMap((set, at) => Array.from({ length: row[at] ?? 0 }, () => set));
    return rank(stratum, seed).map((mask, at): Assigned => {
      const set = sets[at];
      if (set === undefined) throw new Error(`Internal error: the quota of ${stratum.key} is too small`);
      return { mask, stratum: stratum.key, set };
    });
  });
  return { samples: samples.sort((a, b) => byCodeUnit(a.mask.name, b.mask.name)), quotas: rows };
}

function rank(stratum: Stratum, seed: number): readonly CatalogMask[] {
  return stratum.masks
    .map((mask) => ({ mask, at: randomAt('split', seed, stratum.key, mask.name).next() }))
    .sort((a, b) => a.at - b.at || byCodeUnit(a.mask.name, b.mask.name))
    .map(({ mask }) => mask);
}
