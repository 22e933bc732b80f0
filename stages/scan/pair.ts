import { byCodeUnit } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import type { CatalogImage } from './catalog.ts';
import { fill, fits, fixedLength, type Fit, type Pattern } from './pattern.ts';
import { sayEmpty } from './empty.ts';
import { sayClash } from './misfits.ts';
import { byNormalForm, sayTwin } from './twins.ts';

/** A mask with its images, one a period, in the order of the periods. */
export interface Pair {
  readonly name: string;
  readonly mask: string;
  readonly images: readonly CatalogImage[];
}

export interface Pairs {
  readonly pairs: readonly Pair[];
  readonly periods: readonly string[];
  /** Files that fit neither pattern. */
  readonly others: readonly string[];
  readonly faults: readonly Fault[];
}

/** Finds masks and their images among the files of a dataset, and says what is missing. */
export function pairFiles(files: readonly string[], images: Pattern, masks: Pattern): Pairs {
  const masksFirst = fixedLength(masks) >= fixedLength(images);
  const maskOf = new Map<string, string>();
  const imagePaths: string[] = [];
  const others: string[] = [];
  for (const path of files) {
    const [asMask] = fits(masks, path);
    const isImage = fits(images, path).length > 0;
    if (asMask !== undefined && (masksFirst || !isImage)) maskOf.set(asMask.name, path);
    else if (isImage) imagePaths.push(path);
    else others.push(path);
  }
  const empty = [
    ...(maskOf.size === 0 ? [sayEmpty(masks, files, others)] : []),
    ...(imagePaths.length === 0 ? [sayEmpty(images, files, others)] : []),
  ];
  if (empty.length > 0) {
    const clash = sayClash(images, masks, files);
    return { pairs: [], periods: [], others, faults: clash === undefined ? empty : [clash] };
  }

  const faults: Fault[] = [];
  const imagesOf = new Map<string, Map<string, string>>();
  const normal = byNormalForm(maskOf.keys());
  const twins = new Set<string>();
  for (const path of imagePaths) {
    const ways = fits(images, path);
    // The longest name that has a mask: masks `a` and `a_6` part the images `a_6.png` and `a_6_7.png`.
    const fit = byLongestName(ways).find(({ name }) => maskOf.has(name));
    if (fit === undefined) {
      const twin = byLongestName(ways)
        .map(({ name }) => normal.get(name.normalize('NFC')))
        .find((name) => name !== undefined);
      if (twin !== undefined) {
        twins.add(twin);
        faults.push(sayTwin(path, maskOf.get(twin) ?? twin));
        continue;
      }
      faults.push(sayImageWithoutMask(path, ways, masks));
      continue;
    }
    const known = imagesOf.get(fit.name) ?? new Map<string, string>();
    known.set(fit.period, path);
    imagesOf.set(fit.name, known);
  }
  const names = [...maskOf.keys()].sort(byCodeUnit);
  const periods = orderPeriods(new Set([...imagesOf.values()].flatMap((known) => [...known.keys()])));
  const alone = names.filter((name) => !twins.has(name));
  faults.push(...sayMissingImages(alone, maskOf, imagesOf, periods, images));
  const pairs = names.map((name): Pair => {
    const known = imagesOf.get(name) ?? new Map<string, string>();
    return {
      name,
      mask: maskOf.get(name) ?? '',
      images: periods.flatMap((period) => {
        const path = known.get(period);
        return path === undefined ? [] : [{ period, path }];
      }),
    };
  });
  return { pairs, periods, others, faults };
}

function byLongestName(ways: readonly Fit[]): readonly Fit[] {
  return [...ways].sort((a, b) => b.name.length - a.name.length);
}

/** Numbers by size, then words by code unit. */
function orderPeriods(periods: ReadonlySet<string>): readonly string[] {
  const rank = (period: string) => (/^\d{1,15}$/.test(period) ? Number(period) : Infinity);
  return [...periods].sort((a, b) => (rank(a) === rank(b) ? byCodeUnit(a, b) : rank(a) - rank(b)));
}

function sayImageWithoutMask(path: string, ways: readonly Fit[], masks: Pattern): Fault {
  const [first] = byLongestName(ways);
  const expected = first === undefined ? masks.text : fill(masks, first);
  return {
    code: 'ERS_IMAGE_WITHOUT_MASK',
    message: `The image has no mask: expected ${expected}.`,
    place: { file: path },
    hint: 'Add the mask, take the image out of the dataset, or correct names.masks.',
  };
}

/**
 * Every mask needs one image of each period: a silent gap would hide a lost file. A period that most masks lack is
 * rather a stray file, and is said once.
 */
function sayMissingImages(
  names: readonly string[],
  maskOf: ReadonlyMap<string, string>,
  imagesOf: ReadonlyMap<string, ReadonlyMap<string, string>>,
  periods: readonly string[],
  images: Pattern,
): readonly Fault[] {
  const whole = names.filter((name) => imagesOf.has(name));
  const lacking = new Map(
    periods.map((period) => [period, whole.filter((name) => imagesOf.get(name)?.has(period) !== true)]),
  );
  const stray = periods.filter((period) => (lacking.get(period)?.length ?? 0) * 2 > whole.length);
  const strays = stray.flatMap((period): readonly Fault[] => {
    const holders = whole.filter((name) => imagesOf.get(name)?.has(period));
    const path = imagesOf.get(holders[0] ?? '')?.get(period);
    if (path === undefined) return [];
    return [
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: `Period "${period}" has images for ${holders.length} of ${names.length} masks only; every mask needs one image of each period.`,
        place: { file: path },
        hint: 'Take the stray images out of the dataset, or add the missing ones.',
      },
    ];
  });
  const usual = periods.filter((period) => !stray.includes(period));
  const gaps = names.flatMap((name): readonly Fault[] => {
    const known = imagesOf.get(name);
    const missing = usual.filter((period) => known?.has(period) !== true);
    if (known !== undefined && missing.length === 0) return [];
    const wanted = missing.length > 0 ? missing : periods.length > 0 ? periods : ['{period}'];
    const paths = wanted.map((period) => fill(images, { name, period }));
    const what = known === undefined ? 'The mask has no image' : 'The mask lacks an image of a period';
    return [
      {
        code: 'ERS_MASK_WITHOUT_IMAGE',
        message: `${what}: expected ${paths.join(', ')}.`,
        place: { file: maskOf.get(name) ?? name },
        hint: 'Add the image, take the mask out of the dataset, or correct names.images.',
      },
    ];
  });
  return [...strays, ...gaps];
}
