import { byCodeUnit } from '../../base/canonical.ts';
import type { Fault } from '../../base/fault.ts';
import { suffixOf } from './misfits.ts';
import { fits, parsePattern, type Pattern } from './pattern.ts';

/**
 * No file fits a pattern: what is there instead, and a pattern that would fit.
 * @param others files that the other pattern does not take either
 */
export function sayEmpty(pattern: Pattern, files: readonly string[], others: readonly string[]): Fault {
  const suggestion = suggest(pattern, others);
  return {
    code: 'ERS_DATASET_EMPTY',
    message: `No file fits ${pattern.key}, which is "${pattern.text}"; the dataset folder holds ${sayFiles(files)}.`,
    hint:
      suggestion === undefined
        ? `Point dataset.root at the folder that holds the files, or correct ${pattern.key}.`
        : `Did you mean ${pattern.key}: ${suggestion}?`,
  };
}

function sayFiles(files: readonly string[]): string {
  if (files.length === 0) return 'no file at all';
  const folders = new Map<string, number>();
  for (const file of files) folders.set(folderOf(file), (folders.get(folderOf(file)) ?? 0) + 1);
  const shown = [...folders]
    .slice(0, 4)
    .map(([folder, count]) => `${count} in ${folder === '' ? '.' : folder}`);
  const more = folders.size > 4 ? ` and ${folders.size - 4} more folders` : '';
  return `${files.length} ${files.length === 1 ? 'file' : 'files'} (${shown.join(', ')}${more}), e.g. ${files[0] ?? ''}`;
}

/** The pattern with another folder, another suffix or a simpler name that fits most files; the nearest at a tie. */
function suggest(pattern: Pattern, files: readonly string[]): string | undefined {
  const folders = [...new Set(files.map(folderOf))].sort(byCodeUnit);
  const suffixes = [...new Set(files.map(suffixOf))].sort(byCodeUnit);
  const base = pattern.text.slice(pattern.text.lastIndexOf('/') + 1);
  const stem = base.slice(0, base.length - suffixOf(base).length);
  const bases = [
    base,
    ...suffixes.map((suffix) => stem + suffix),
    ...suffixes.map((suffix) => `{name}${suffix}`),
  ];
  const own = folderOf(pattern.text);
  let best: { text: string; count: number } | undefined;
  for (const folder of [own, ...folders]) {
    for (const candidate of bases) {
      const text = folder === '' ? candidate : `${folder}/${candidate}`;
      const parsed = parsePattern(pattern.key, text);
      if (!parsed.ok) continue;
      const count = files.filter((file) => fits(parsed.value, file).length > 0).length;
      if (count > (best?.count ?? 0)) best = { text, count };
    }
  }
  return best?.text;
}

function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}
