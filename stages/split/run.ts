import { writeFile } from 'node:fs/promises';
import { fail, ok, type Fault } from '../../base/fault.ts';
import { prepareRandom } from '../../base/random.ts';
import type { StageRun } from '../../engine/stage.ts';
import { writeCsv } from '../../formats/csv.ts';
import { readCatalog } from '../scan/catalog.ts';
import { storedJson } from '../../base/stored-json.ts';
import { assign, type Assigned } from './assign.ts';
import { sayDecisions, sayQuota, totalOf } from './decisions.ts';
import type { definition } from './definition.ts';
import { SET_NAMES, type SplitManifest } from './manifest.ts';
import { largestRemainder, type Quota } from './quotas.ts';
import { stratify } from './strata.ts';

export const run: StageRun<typeof definition> = async (context) => {
  const { params, deps, outs } = context;
  const { seed, train, val, test, min_group: minGroup, rare } = params.split;
  const fractions: Quota = [train, val, test];
  const sum = train + val + test;
  if (Math.abs(sum - 1) > 1e-9) return fail(badSum(fractions, sum));
  const catalog = await readCatalog(need(deps, 'catalog'), 'catalog.json');
  if (!catalog.ok) return catalog;

  await prepareRandom();
  const strata = stratify(catalog.value.masks, { fractions, minGroup, rare });
  const assignment = assign(strata.strata, fractions, seed);
  const total = totalOf(assignment);
  if (total.includes(0)) return fail(tooFew(total, fractions, strata.dropped.length));

  const decisions = sayDecisions(catalog.value, strata, assignment, { fractions, minGroup, rare });
  for (const { level, text } of decisions) context.emit({ type: 'note', level, text });
  const { classes, ignore, periods } = catalog.value;
  const manifest: SplitManifest = {
    version: 1,
    classes,
    ignore,
    periods,
    seed,
    samples: assignment.samples.map(({ mask, stratum, set }) => ({
      name: mask.name,
      mask: mask.mask,
      images: mask.images,
      group: mask.group,
      stratum,
      set,
    })),
    decisions: decisions.map(({ text }) => text),
  };
  await writeFile(need(outs, 'manifest'), storedJson(manifest));
  for (const set of SET_NAMES) {
    const rows = assignment.samples.filter((sample) => sample.set === set).flatMap(rowsOf);
    await writeFile(need(outs, set), writeCsv(['image_path', 'mask_path'], rows));
  }
  return ok({ status: 'done' });
};

function rowsOf({ mask }: Assigned): readonly (readonly string[])[] {
  return mask.images.map((image) => [image.path, mask.mask]);
}

function need<Paths extends object>(paths: Paths, name: keyof Paths & string): string {
  const path = (paths as Readonly<Record<string, string | undefined>>)[name];
  if (path === undefined) throw new Error(`Internal error: no path for ${name}`);
  return path;
}

function badSum(fractions: Quota, sum: number): Fault {
  return {
    code: 'ERS_SCHEMA',
    message: `split.train, split.val and split.test are ${fractions.join(', ')} and sum to ${Number(sum.toFixed(9))}; expected 1.`,
    hint: 'Change one of them, e.g. 0.7, 0.15 and 0.15.',
  };
}

function tooFew(total: Quota, fractions: Quota, dropped: number): Fault {
  const masks = total[0] + total[1] + total[2];
  const without = dropped === 0 ? '' : ` (${dropped} more are in rare groups and were dropped)`;
  let enough = 3;
  while (largestRemainder(enough, fractions).includes(0)) enough += 1;
  const shares = SET_NAMES.map((set, at) => `split.${set} ${fractions[at] ?? 0}`).join(', ');
  const empty = SET_NAMES.flatMap((set, at) => (total[at] === 0 ? [`split.${set}`] : [])).join(' and ');
  return {
    code: 'ERS_TOO_FEW_MASKS',
    message: `${masks} ${masks === 1 ? 'mask does' : 'masks do'} not fill three sets with ${fractions.join('/')}${without}: ${sayQuota(total)}.`,
    hint:
      masks < enough
        ? `${shares} in the config need at least ${enough} masks.\nAdd ${enough - masks} more${masks < 3 ? '' : `, or make ${empty} larger and the others smaller`}.`
        : `${shares} in the config would do for ${masks} masks in one group.\nSet split.rare to merge, or make ${empty} larger and the others smaller.`,
  };
}
