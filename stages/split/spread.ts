import type { CatalogMask } from '../scan/catalog.ts';
import { SET_NAMES, type SetName } from './manifest.ts';
import type { Quota } from './quotas.ts';

/** Class value → sets that have a mask with it. */
export type Holders = Map<string, Set<SetName>>;

/**
 * Gives the masks of a stratum of several class groups to the sets, so that every class is spread as the masks are:
 * iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011) with exact counts a set. The class with the fewest masks
 * left goes first (those that a set has none of before all others), each mask to the set that lacks most of that class; the last masks of a class go to the sets that
 * have none of it in the whole dataset.
 *
 * @param ranked masks in their random order
 * @param quota masks a set; sums to the number of masks
 * @param holders what the sets hold already; updated
 */
export function spread(
  ranked: readonly CatalogMask[],
  quota: Quota,
  holders: Holders,
): ReadonlyMap<CatalogMask, SetName> {
  const room = new Map<SetName, number>(SET_NAMES.map((set, at) => [set, quota[at] ?? 0]));
  const wanted = wantedOf(ranked, quota);
  const given = new Map<CatalogMask, SetName>();
  for (;;) {
    const left = ranked.filter((mask) => !given.has(mask));
    const value = rarestClass(left, holders);
    if (value === undefined) return given;
    const members = left.filter((mask) => classesOf(mask).includes(value));
    const [mask] = members;
    if (mask === undefined) throw new Error(`Internal error: no mask of class ${value}`);
    const open = SET_NAMES.filter((set) => (room.get(set) ?? 0) > 0);
    const lacking = open.filter((set) => holders.get(value)?.has(set) !== true);
    const choice = lacking.length > 0 && members.length <= lacking.length ? lacking : open;
    const want = (set: SetName) => wanted.get(`${value} ${set}`) ?? 0;
    const [set] = [...choice].sort(
      (a, b) => want(b) - want(a) || SET_NAMES.indexOf(a) - SET_NAMES.indexOf(b),
    );
    if (set === undefined) throw new Error('Internal error: the quota is too small');
    given.set(mask, set);
    room.set(set, (room.get(set) ?? 0) - 1);
    for (const held of classesOf(mask)) wanted.set(`${held} ${set}`, (wanted.get(`${held} ${set}`) ?? 0) - 1);
    hold(holders, mask, set);
  }
}

/** Notes that a set has a mask with these classes. */
export function hold(holders: Holders, mask: CatalogMask, set: SetName): void {
  for (const value of classesOf(mask)) {
    const sets = holders.get(value) ?? new Set<SetName>();
    sets.add(set);
    holders.set(value, sets);
  }
}

function classesOf(mask: CatalogMask): readonly string[] {
  return mask.group.split(',');
}

/** How many masks of each class each set should have: `CLASS SET` → number. */
function wantedOf(masks: readonly CatalogMask[], quota: Quota): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const [at, set] of SET_NAMES.entries()) {
    const share = (quota[at] ?? 0) / masks.length;
    for (const value of masks.flatMap(classesOf)) {
      wanted.set(`${value} ${set}`, (wanted.get(`${value} ${set}`) ?? 0) + share);
    }
  }
  return wanted;
}

/** The class that the fewest masks hold, among those that some set lacks if there are any; the smaller value at a tie. */
function rarestClass(masks: readonly CatalogMask[], holders: Holders): string | undefined {
  const counts = new Map<string, number>();
  for (const value of masks.flatMap(classesOf)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const lacked = (value: string) => (holders.get(value)?.size ?? 0) < SET_NAMES.length;
  const [first] = [...counts].sort(
    ([a, countA], [b, countB]) =>
      Number(lacked(b)) - Number(lacked(a)) || countA - countB || Number(a) - Number(b),
  );
  return first?.[0];
}
