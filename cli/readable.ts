import type { Json } from '../base/canonical.ts';

export function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as rows of name and text: groups by dotted names, a list of groups with a row for each. */
export function rowsOf(name: string, value: Json): readonly (readonly [string, string])[] {
  if (isObject(value)) {
    const members = Object.entries(value);
    if (members.length === 0) return [[name, '(empty)']];
    return members.flatMap(([key, member]) => rowsOf(name === '' ? key : `${name}.${key}`, member));
  }
  if (isList(value) && value.some(isObject)) {
    return value.map((item, index): readonly [string, string] => [`${name}[${index}]`, onOneLine(item)]);
  }
  return [[name, onOneLine(value)]];
}

/** A text as it is, anything else as JSON. */
export function sayPlainly(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `value 0, name water`; texts as they are. */
function onOneLine(value: Json): string {
  if (isList(value)) return value.length === 0 ? '(empty)' : value.map(onOneLine).join(', ');
  if (!isObject(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(value)
    .map(([key, member]) => `${key} ${onOneLine(member)}`)
    .join(', ');
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
