import { byCodeUnit } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import type { StageEvent } from '../../engine/stage.ts';
import { fits, type Pattern } from './pattern.ts';

/** What a picture's name ends in, in lower case; a world file or a side car beside it is no lost picture. */
const pictures: ReadonlySet<string> = new Set(['.png', '.jpg', '.jpeg', '.tif', '.tiff', '.webp']);

/** Says which files no pattern takes, and whether they only differ from it by their suffix. */
export function sayMisfits(others: readonly string[], patterns: readonly Pattern[]): StageEvent {
  const more = others.length > 3 ? ` and ${others.length - 3} more` : '';
  const near = patterns.flatMap((pattern) => sayNear(others, pattern));
  const hint = near.length === 0 ? '' : ` A pattern fits one suffix: ${near.join('; ')}.`;
  return {
    type: 'note',
    level: near.length === 0 ? 'info' : 'warning',
    text: `${others.length} ${others.length === 1 ? 'file fits' : 'files fit'} neither names.images nor names.masks: ${others.slice(0, 3).join(', ')}${more}.${hint}`,
  };
}

function sayNear(others: readonly string[], pattern: Pattern): readonly string[] {
  const own = suffixOf(pattern.text);
  const counts = new Map<string, number>();
  for (const path of others) {
    const suffix = suffixOf(path);
    if (!pictures.has(suffix.toLowerCase())) continue;
    const renamed = path.slice(0, path.length - suffix.length) + own;
    if (fits(pattern, renamed).length > 0) counts.set(suffix, (counts.get(suffix) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(
      ([suffix, count]) =>
        `${count} ${count === 1 ? 'file ends' : 'files end'} in ${suffix} where ${pattern.key} says ${own}; rename or convert them`,
    );
}

/** Both patterns take the same files, so that one of them is left without any. ERS_PATTERN. */
export function sayClash(images: Pattern, masks: Pattern, files: readonly string[]): Fault | undefined {
  const both = files.filter((path) => fits(images, path).length > 0 && fits(masks, path).length > 0);
  const [first] = both;
  if (first === undefined) return undefined;
  return {
    code: 'ERS_PATTERN',
    message: `names.images "${images.text}" and names.masks "${masks.text}" fit the same ${both.length} ${both.length === 1 ? 'file' : 'files'}; nothing tells an image from a mask.`,
    place: { file: first },
    hint: 'Give one of them another folder, another suffix or fixed text such as {name}_mask.png.',
  };
}

export function suffixOf(path: string): string {
  const at = path.lastIndexOf('.');
  return at <= path.lastIndexOf('/') + 1 ? '' : path.slice(at);
}
