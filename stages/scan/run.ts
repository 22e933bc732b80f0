import { writeFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import { byCodeUnit } from '../../base/canonical.ts';
import { fail, ok, type Fault, type Result } from '../../base/fault.ts';
import type { StageEvent, StageRun } from '../../engine/stage.ts';
import { IGNORE, type Catalog, type CatalogMask } from './catalog.ts';
import { catalogClasses, checkClasses } from './classes.ts';
import type { definition } from './definition.ts';
import { gather } from './gather.ts';
import { measure, type Expected, type Turned } from './measure.ts';
import { sayMisfits } from './misfits.ts';
import { pairFiles, type Pair } from './pair.ts';
import { parsePattern } from './pattern.ts';
import { renderReport } from './report.ts';
import { storedJson } from '../../base/stored-json.ts';
import { drawExamples } from './thumbnails.ts';
import { listFiles } from './walk.ts';

export const run: StageRun<typeof definition> = async (context) => {
  const { names, classes: rows } = context.params;
  const images = parsePattern('names.images', names.images);
  const masks = parsePattern('names.masks', names.masks);
  const early = [
    ...checkClasses(rows),
    ...(images.ok ? [] : images.faults),
    ...(masks.ok ? [] : masks.faults),
  ];
  if (!images.ok || !masks.ok || early.length > 0) return fail(...early);

  const folder = need(context.deps, 'dataset');
  const files = await listFiles(folder);
  if (!files.ok) return files;
  const { pairs, periods, others, faults } = pairFiles(files.value, images.value, masks.value);
  if (others.length > 0) context.emit(sayMisfits(others, [images.value, masks.value]));
  const classes = catalogClasses(rows);
  const channels = context.params['image.channels'];
  const measured = await measureAll(folder, pairs, { classes, channels }, context);
  if (context.signal.aborted) return ok({ status: 'stopped' });
  if (faults.length > 0 || !measured.ok) {
    return fail(...gather([...faults, ...(measured.ok ? [] : measured.faults)]));
  }

  const useful = measured.value.filter((mask) => mask.group !== '');
  const unlabelled = measured.value.filter((mask) => mask.group === '');
  if (useful.length === 0) return fail(onlyIgnored(measured.value));
  if (unlabelled.length > 0) context.emit(sayUnlabelled(unlabelled));
  const catalog: Catalog = {
    version: 1,
    classes: [...classes],
    ignore: IGNORE,
    periods: [...periods],
    masks: useful,
    groups: countGroups(useful),
  };
  await writeFile(need(context.outs, 'catalog'), storedJson(catalog));
  const examples = await drawExamples(folder, catalog, rows, channels);
  await writeFile(need(context.outs, 'report'), renderReport(catalog, rows, unlabelled, examples));
  return ok({ status: 'done' });
};

async function measureAll(
  folder: string,
  pairs: readonly Pair[],
  expected: Expected,
  context: { readonly cores: number; readonly signal: AbortSignal; emit(event: StageEvent): void },
): Promise<Result<readonly CatalogMask[]>> {
  const limit = pLimit(context.cores);
  const total = pairs.reduce((sum, pair) => sum + 1 + pair.images.length, 0);
  let read = 0;
  const done = () => {
    read += 1;
    context.emit({ type: 'progress', label: 'scan', done: read, total, unit: 'files' });
  };
  const turned: Turned[] = [];
  const watch = { done, turned: (image: Turned) => turned.push(image) };
  const results = await Promise.all(
    pairs.map((pair) =>
      limit(() => (context.signal.aborted ? fail() : measure(folder, pair, expected, watch))),
    ),
  );
  if (turned.length > 0) context.emit(sayTurned(turned));
  const faults = results.flatMap((result) => (result.ok ? [] : result.faults));
  return faults.length > 0
    ? fail(...faults)
    : ok(results.flatMap((result) => (result.ok ? [result.value] : [])));
}

function countGroups(masks: readonly CatalogMask[]): Catalog['groups'] {
  const counts = new Map<string, number>();
  for (const { group } of masks) counts.set(group, (counts.get(group) ?? 0) + 1);
  return [...counts]
    .sort(([a, countA], [b, countB]) => countB - countA || byCodeUnit(a, b))
    .map(([key, count]) => ({ key, masks: count }));
}

function sayTurned(turned: readonly Turned[]): StageEvent {
  const [first] = turned.toSorted((a, b) => byCodeUnit(a.path, b.path));
  const count = `${turned.length} ${turned.length === 1 ? 'image asks' : 'images ask'}`;
  return {
    type: 'note',
    level: 'warning',
    text: `${count} by EXIF to be turned for the eye (first ${first?.path ?? ''}, orientation ${first?.orientation ?? ''}): the pixels are used as stored, and must lie on the mask so.`,
  };
}

function sayUnlabelled(masks: readonly CatalogMask[]): StageEvent {
  const names = masks.map((mask) => mask.mask).join(', ');
  return {
    type: 'note',
    level: 'warning',
    text: `${masks.length} ${masks.length === 1 ? 'mask has' : 'masks have'} only ignored pixels and ${masks.length === 1 ? 'is' : 'are'} left out: ${names}.`,
  };
}

function onlyIgnored(masks: readonly CatalogMask[]): Fault {
  return {
    code: 'ERS_DATASET_EMPTY',
    message: `All ${masks.length} masks have only pixels of ignored classes; nothing can be learnt.`,
    hint: 'Take ignore: true from the classes that shall be learnt.',
  };
}

function need<Paths extends object>(paths: Paths, name: keyof Paths & string): string {
  const path = (paths as Readonly<Record<string, string | undefined>>)[name];
  if (path === undefined) throw new Error(`Internal error: no path for ${name}`);
  return path;
}
