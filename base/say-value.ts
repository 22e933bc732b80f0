/** A value with its type, as a message quotes it: `"abc" (string)`. */
export function sayValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing (null)';
  if (Array.isArray(value))
    return value.length === 1 ? 'a list of 1 item' : `a list of ${value.length} items`;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  const text = JSON.stringify(value);
  return `${text.length > 60 ? `${text.slice(0, 57)}…` : text} (${typeof value})`;
}
