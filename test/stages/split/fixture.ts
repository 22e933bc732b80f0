import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import type { Catalog, CatalogMask } from '../../../stages/scan/catalog.ts';
import { definition } from '../../../stages/split/definition.ts';
import { stageContext, type TrialOf } from '../context.ts';

export type SplitParams = Static<typeof definition.params>['split'];

/** Masks named `GROUP_00…`, so many of each class group. */
export function masksOf(groups: Readonly<Record<string, number>>): CatalogMask[] {
  return Object.entries(groups).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index): CatalogMask => {
      const name = `${group.replaceAll(',', '-')}_${String(index).padStart(2, '0')}`;
      return {
        name,
        mask: `annotations/${name}_mask.png`,
        images: ['6', '7'].map((period) => ({ period, path: `images/${name}_${period}.png` })),
        width: 4,
        height: group.split(',').length,
        histogram: Object.fromEntries(group.split(',').map((value) => [value, 4])),
        group,
      };
    }),
  );
}

function catalogOf(groups: Readonly<Record<string, number>>): Catalog {
  const values = [...new Set(Object.keys(groups).flatMap((key) => key.split(',').map(Number)))].sort(
    (a, b) => a - b,
  );
  return {
    version: 1,
    classes: values.map((value, train) => ({ value, train })),
    ignore: 255,
    periods: ['6', '7'],
    masks: masksOf(groups),
    groups: Object.entries(groups).map(([key, masks]) => ({ key, masks })),
  };
}

const params: SplitParams = {
  seed: 42,
  train: 0.7,
  val: 0.15,
  test: 0.15,
  min_group: 6,
  rare: 'merge',
};

export function splitTrial(
  groups: Readonly<Record<string, number>>,
  changes: Partial<SplitParams> = {},
): TrialOf<typeof definition> {
  const deps: Record<string, string> = {};
  const trial = stageContext({ definition, params: { split: { ...params, ...changes } }, deps });
  deps['catalog'] = join(trial.folder, 'catalog.json');
  writeFileSync(deps['catalog'], JSON.stringify(catalogOf(groups)));
  return trial;
}
