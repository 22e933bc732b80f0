import { fail, ok, type Result } from '../../base/fault.ts';

/** A pattern of relative POSIX paths: literal text with `{name}` and perhaps `{period}`, none of which holds a slash. */
export interface Pattern {
  readonly text: string;
  readonly key: 'names.images' | 'names.masks';
  /** Literal text before, between and after the fields: one part more than fields. */
  readonly parts: readonly string[];
  readonly fields: readonly ('name' | 'period')[];
}

/** How a path fits a pattern. `period` is '' where the pattern has none. */
export interface Fit {
  readonly name: string;
  readonly period: string;
}

/** Reads a pattern of config.yaml. Faults: ERS_PATTERN. */
export function parsePattern(key: Pattern['key'], text: string): Result<Pattern> {
  const refuse = (problem: string): Result<Pattern> =>
    fail({
      code: 'ERS_PATTERN',
      message: `${key} is "${text}": ${problem}.`,
      hint:
        key === 'names.images'
          ? 'Write a path below the dataset folder such as images/{name}_{period}.png or images/{name}.jpg.'
          : 'Write a path below the dataset folder such as annotations/{name}_mask.png.',
    });
  const allowed = key === 'names.images' ? ['name', 'period'] : ['name'];
  const fields: ('name' | 'period')[] = [];
  const parts = text.split(/\{[^{}]*\}/);
  for (const [braces] of text.matchAll(/\{[^{}]*\}/g)) {
    const field = braces.slice(1, -1);
    if ((field !== 'name' && field !== 'period') || !allowed.includes(field)) {
      return refuse(
        `${braces} means nothing here; it may hold ${allowed.map((name) => `{${name}}`).join(' and ')}`,
      );
    }
    if (fields.includes(field)) return refuse(`${braces} stands in it twice`);
    fields.push(field);
  }
  if (parts.some((part) => /[{}]/.test(part))) return refuse('a brace has no partner');
  if (!fields.includes('name')) return refuse('{name} is missing, which pairs an image with its mask');
  if (parts.slice(1, -1).includes('')) {
    return refuse('two fields touch, so that nobody can tell where the first one ends');
  }
  if (
    text.startsWith('/') ||
    text.includes('\\') ||
    text.split('/').some((part) => ['', '.', '..'].includes(part))
  ) {
    return refuse('it must be a relative path with single slashes, without . and ..');
  }
  return ok({ text, key, parts, fields });
}

/** Every way in which a path fits, longest first field first: `a_b_6` is (`a_b`, `6`) or (`a`, `b_6`). */
export function fits(pattern: Pattern, path: string): readonly Fit[] {
  const [first = '', second = '', third] = pattern.parts;
  const last = third ?? second;
  if (path.length < first.length + last.length || !path.startsWith(first) || !path.endsWith(last)) return [];
  const inner = path.slice(first.length, path.length - last.length);
  if (third === undefined) return isField(inner) ? [{ name: inner, period: '' }] : [];
  const found: Fit[] = [];
  for (let at = inner.lastIndexOf(second); at > 0; at = inner.lastIndexOf(second, at - 1)) {
    const [head, tail] = [inner.slice(0, at), inner.slice(at + second.length)];
    if (!isField(head) || !isField(tail)) continue;
    found.push(pattern.fields[0] === 'name' ? { name: head, period: tail } : { name: tail, period: head });
  }
  return found;
}

/** The path that stands for a name and a period. */
export function fill(pattern: Pattern, fit: Fit): string {
  return pattern.parts
    .map((part, at) => {
      const field = pattern.fields[at];
      return field === undefined ? part : part + fit[field];
    })
    .join('');
}

/** Characters of fixed text: of two patterns that fit one path, the one with more says more about it. */
export function fixedLength(pattern: Pattern): number {
  return pattern.parts.reduce((sum, part) => sum + part.length, 0);
}

function isField(text: string): boolean {
  return text !== '' && !text.includes('/');
}
