import { randomAt } from '../../base/random.ts';
import { byCodeUnit } from '../../base/canonical.ts';
import type { CatalogMask } from '../scan/catalog.ts';
import { SET_NAMES, type SetName } from './manifest.ts';
import { quotas, type Quota } from './quotas.ts';
import { hold, spread, type Holders } from './spread.ts';
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
 * (seed, stratum, name): a mask that comes or goes leaves the order of all others as it is. A stratum of several class
 * groups is spread class by class.
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
  const holders: Holders = new Map();
  const samples: Assigned[] = [];
  // Strata of one class group first: what they hold is known to those of several groups, which fill the gaps.
  const order = [...strata.entries()].sort(
    ([, a], [, b]) => Number(a.groups.length > 1) - Number(b.groups.length > 1),
  );
  for (const [index, stratum] of order) {
    const quota = rows[index] ?? [0, 0, 0];
    const ranked = rank(stratum, seed);
    const given =
      stratum.groups.length > 1 ? spread(ranked, quota, holders) : inOrder(ranked, quota, holders);
    for (const [mask, set] of given) samples.push({ mask, stratum: stratum.key, set });
  }
  return { samples: samples.sort((a, b) => byCodeUnit(a.mask.name, b.mask.name)), quotas: rows };
}

/** The first masks go to training, the next to validation, the last to the test. */
function inOrder(
  ranked: readonly CatalogMask[],
  quota: Quota,
  holders: Holders,
): ReadonlyMap<CatalogMask, SetName> {
  const sets = SET_NAMES.flatMap((set, at) => Array.from({ length: quota[at] ?? 0 }, () => set));
  return new Map(
    ranked.map((mask, at) => {
      const set = sets[at];
      if (set === undefined) throw new Error('Internal error: the quota is too small');
      hold(holders, mask, set);
      return [mask, set];
    }),
  );
}

function rank(stratum: Stratum, seed: number): readonly CatalogMask[] {
  return stratum.masks
    .map((mask) => ({ mask, at: randomAt('split', seed, stratum.key, mask.name).next() }))
    .sort((a, b) => a.at - b.at || byCodeUnit(a.mask.name, b.mask.name))
    .map(({ mask }) => mask);
}
