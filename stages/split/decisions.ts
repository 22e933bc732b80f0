import type { Catalog } from '../scan/catalog.ts';
import type { Assignment } from './assign.ts';
import { SET_NAMES } from './manifest.ts';
import type { Quota } from './quotas.ts';
import { RARE, type RarePolicy, type Strata, type StrataOptions } from './strata.ts';

export interface Decision {
  readonly level: 'info' | 'warning';
  readonly text: string;
}

/** What was done, a sentence each: nothing is merged, moved or dropped in silence. */
export function sayDecisions(
  catalog: Catalog,
  strata: Strata,
  assignment: Assignment,
  options: StrataOptions,
): readonly Decision[] {
  return [
    ...sayRare(strata, options.minGroup, options.rare),
    ...strata.strata.map((stratum, index): Decision => {
      const sets = sayQuota(assignment.quotas[index] ?? [0, 0, 0]);
      const name = stratum.key === RARE ? 'Rare groups together' : `Classes ${stratum.key}`;
      return { level: 'info', text: `${name}: ${masks(stratum.masks.length)} → ${sets}.` };
    }),
    sayTotal(assignment, options.fractions),
    ...sayAbsentClasses(catalog, assignment),
  ];
}

/** `16 train, 4 val, 4 test` */
export function sayQuota(quota: Quota): string {
  return SET_NAMES.map((set, at) => `${quota[at] ?? 0} ${set}`).join(', ');
}

/** Masks in each set over all strata. */
export function totalOf(assignment: Assignment): Quota {
  return assignment.quotas.reduce<Quota>(
    (sum, row) => [sum[0] + row[0], sum[1] + row[1], sum[2] + row[2]],
    [0, 0, 0],
  );
}

function sayRare(strata: Strata, minGroup: number, policy: RarePolicy): readonly Decision[] {
  if (strata.rare.size === 0) return [];
  const list = [...strata.rare].map(([key, members]) => `${key} (${masks(members.length)})`).join('; ');
  const count = strata.rare.size;
  const who = `${count} class ${count === 1 ? 'group has' : 'groups have'} fewer than ${minGroup} masks: ${list}`;
  switch (policy) {
    case 'drop': {
      const names = strata.dropped.map((mask) => mask.name).join(', ');
      return [
        {
          level: 'warning',
          text: `${who}. split.rare is drop: ${masks(strata.dropped.length)} left out: ${names}.`,
        },
      ];
    }
    case 'train':
      return [
        {
          level: 'warning',
          text: `${who}. split.rare is train: all of them go to training, none is validated or tested.`,
        },
      ];
    case 'merge':
      return [
        {
          level: 'info',
          text:
            strata.host === null
              ? `${who}. They are merged and divided as one stratum.`
              : `${who}. They are merged into the most similar group, classes ${strata.host}.`,
        },
      ];
  }
}

function sayTotal(assignment: Assignment, fractions: Quota): Decision {
  const total = totalOf(assignment);
  const all = total[0] + total[1] + total[2];
  const shares = total.map((count) => percent(count / all)).join('/');
  const asked = fractions.map((fraction) => percent(fraction)).join('/');
  const images = assignment.samples.reduce((sum, sample) => sum + sample.mask.images.length, 0);
  return {
    level: 'info',
    text: `In all ${masks(all)} with ${images} images → ${sayQuota(total)}: ${shares} % for ${asked} % asked.`,
  };
}

/** A class that a set has no pixel of is not learnt, not validated or not scored there. */
function sayAbsentClasses(catalog: Catalog, assignment: Assignment): readonly Decision[] {
  return catalog.classes.flatMap(({ value, train }) => {
    if (train === null) return [];
    const missing = SET_NAMES.filter(
      (set) =>
        !assignment.samples.some(
          (sample) => sample.set === set && (sample.mask.histogram[String(value)] ?? 0) > 0,
        ),
    );
    if (missing.length === 0) return [];
    return [{ level: 'warning' as const, text: `Class ${value} has no pixel in ${missing.join(' and ')}.` }];
  });
}

function masks(count: number): string {
  return count === 1 ? '1 mask' : `${count} masks`;
}

/** One decimal at most: `66.7`, `70`. */
function percent(share: number): string {
  return String(Math.round(share * 1000) / 10);
}
