import { byCodeUnit } from '../../base/canonical.ts';
import type { CatalogMask } from '../scan/catalog.ts';
import { largestRemainder, type Quota } from './quotas.ts';

export type RarePolicy = 'merge' | 'train' | 'drop';

/** Masks that are divided together, so that their share in each set is the same. */
export interface Stratum {
  /** The class group's key, or `rare`. */
  readonly key: string;
  /** Class groups whose masks it holds, in code-unit order. */
  readonly groups: readonly string[];
  readonly masks: readonly CatalogMask[];
  /** All of it goes to training. */
  readonly trainOnly: boolean;
}

export interface Strata {
  readonly strata: readonly Stratum[];
  /** Class groups smaller than `min_group` with their masks, before anything was done about them. */
  readonly rare: ReadonlyMap<string, readonly CatalogMask[]>;
  /** The group that took in all rare masks, where together they were too few to reach all three sets. */
  readonly host: string | null;
  readonly dropped: readonly CatalogMask[];
}

export const RARE = 'rare';

export interface StrataOptions {
  readonly fractions: Quota;
  readonly minGroup: number;
  readonly rare: RarePolicy;
}

/**
 * Groups masks by the classes they hold. Groups of fewer than `minGroup` masks cannot be divided by themselves:
 * - `merge`: they form one stratum together. Its few masks then reach all three sets, which they would not inside a
 *   large group, where chance decides where a handful of masks end. If even together they are too few to reach all
 *   three sets, they join the group whose classes are most alike.
 * - `train`: all of them go to training.
 * - `drop`: all of them are left out.
 */
export function stratify(
  masks: readonly CatalogMask[],
  { fractions, minGroup, rare: policy }: StrataOptions,
): Strata {
  const groups = new Map<string, CatalogMask[]>();
  for (const mask of [...masks].sort((a, b) => byCodeUnit(a.name, b.name))) {
    const members = groups.get(mask.group);
    if (members === undefined) groups.set(mask.group, [mask]);
    else members.push(mask);
  }
  const ordered = [...groups].sort(([a], [b]) => byCodeUnit(a, b));
  const rare = ordered.filter(([, members]) => members.length < minGroup);
  const rareKeys = rare.map(([key]) => key);
  const rareMasks = rare.flatMap(([, members]) => members).sort((a, b) => byCodeUnit(a.name, b.name));
  const large = ordered
    .filter(([, members]) => members.length >= minGroup)
    .map(([key, members]): Stratum => ({ key, groups: [key], masks: members, trainOnly: false }));
  const known = { rare: new Map(rare), host: null, dropped: [] };
  if (rareMasks.length === 0) return { ...known, strata: large };
  if (policy === 'drop') return { ...known, strata: large, dropped: rareMasks };
  const joint: Stratum = {
    key: RARE,
    groups: rareKeys,
    masks: rareMasks,
    trainOnly: policy === 'train',
  };
  if (policy === 'train' || !largestRemainder(rareMasks.length, fractions).includes(0))
    return { ...known, strata: [...large, joint] };
  const host = mostAlike(rareKeys, large);
  if (host === undefined) return { ...known, strata: [joint] };
  const strata = large.map((stratum): Stratum =>
    stratum === host
      ? {
          ...host,
          groups: [...host.groups, ...rareKeys].sort(byCodeUnit),
          masks: [...host.masks, ...rareMasks].sort((a, b) => byCodeUnit(a.name, b.name)),
        }
      : stratum,
  );
  return { ...known, strata, host: host.key };
}

/** The stratum whose classes agree best with the union of the rare groups' classes (Jaccard); the larger one at a tie. */
function mostAlike(rareKeys: readonly string[], large: readonly Stratum[]): Stratum | undefined {
  const classes = new Set(rareKeys.flatMap((key) => key.split(',')));
  return [...large].sort(
    (a, b) =>
      likeness(classes, new Set(b.key.split(','))) - likeness(classes, new Set(a.key.split(','))) ||
      b.masks.length - a.masks.length ||
      byCodeUnit(a.key, b.key),
  )[0];
}

/** Jaccard index of two sets of classes: shared by all, 0…1. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((value) => b.has(value)).length;
  return shared / (a.size + b.size - shared);
}
