import { byCodeUnit } from './canonical.ts';

/** Among more names of the right length a likeness is chance. */
const maxCompared = 2000;

/** The candidate that a misspelt word most likely meant, if one is near enough. Ties go to the first by code unit. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const reach = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = reach + 1;
  let compared = 0;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) > reach) continue;
    compared += 1;
    if (compared > maxCompared) break;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const isFirst = best === undefined || byCodeUnit(candidate, best) < 0;
    if (distance < least || (distance === least && distance <= reach && isFirst)) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `Did you mean …?`, else the list of what there is, if that is short. */
export function didYouMean(word: string, candidates: Iterable<string>): { readonly hint?: string } {
  const all = [...candidates];
  const meant = closest(word, all);
  if (meant !== undefined) return { hint: `Did you mean \`${meant}\`?` };
  if (all.length === 0 || all.length > 12) return {};
  return { hint: `There is: ${all.join(', ')}.` };
}

/**
 * Of the `known` names those that `written` lacks, without those that a wrong name stands for: it is told where it stands.
 */
export function lacking(known: Iterable<string>, written: Iterable<string>): readonly string[] {
  const names = new Set(known);
  const given = new Set(written);
  const wrong = [...given].filter((name) => !names.has(name)).slice(0, maxCompared);
  const slips = new Set(wrong.map((name) => closest(name, names)));
  return [...names].filter((name) => !given.has(name) && !slips.has(name));
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
 * (Damerau 1964, each place edited once). Words over 100 characters are no slips of the pen and count as far apart.
 */
export function editDistance(a: string, b: string): number {
  if (a.length > 100 || b.length > 100) return Math.max(a.length, b.length);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
