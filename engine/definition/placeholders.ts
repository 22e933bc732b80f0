import type { Json } from '../../base/canonical.ts';

/** A placeholder in a command: `{deps.NAME}`, `{outs.NAME}` or `{params.KEY}`. */
export interface Placeholder {
  readonly token: string;
  /** `deps`, `outs` or `params`; another word where the author may have meant one of them. */
  readonly group: string;
  readonly name: string;
  /** Where it begins in the text, and how many of the same token come before it. */
  readonly at: number;
  readonly nth: number;
}

const pattern = /\{(?:(deps|outs|params)\.([^{}]*)|([a-z]+)\.([^{}\s]*))\}/g;

/** All placeholders of a text, and what looks like one. The one grammar for checking and for filling them. */
export function placeholdersOf(text: string): readonly Placeholder[] {
  const seen = new Map<string, number>();
  return [...text.matchAll(pattern)].map((match) => {
    const [token, known, name, other = '', otherName = ''] = match;
    const nth = seen.get(token) ?? 0;
    seen.set(token, nth + 1);
    return { token, group: known ?? other, name: name ?? otherName, at: match.index, nth };
  });
}

/** The keys that a command names as `{params.KEY}`. */
export function paramsIn(command: Text | readonly Text[]): readonly string[] {
  return [command]
    .flat()
    .flatMap(({ text }) => placeholdersOf(text))
    .flatMap(({ group, name }) => (group === 'params' ? name : []));
}

interface Text {
  readonly text: string;
}

/** Whether a placeholder is of a group that is filled; any other is the program's own text. */
export function isFilled({ group }: Placeholder): boolean {
  return group === 'deps' || group === 'outs' || group === 'params';
}

/** The value of `{params.split.seed}`: a param of that name, or the member `seed` of the group `split`; undefined if there is neither. */
export function paramAt(params: Readonly<Record<string, Json>>, name: string): Json | undefined {
  if (Object.hasOwn(params, name)) return params[name];
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const group = Object.hasOwn(params, name.slice(0, dot)) ? params[name.slice(0, dot)] : undefined;
    if (typeof group === 'object' && group !== null && !Array.isArray(group)) {
      return paramAt(group as Readonly<Record<string, Json>>, name.slice(dot + 1));
    }
  }
  return undefined;
}
