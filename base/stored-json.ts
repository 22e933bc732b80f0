import { byCodeUnit, type Json } from './canonical.ts';

/** JSON as it is stored in outs: indented by two, keys sorted by code unit, one newline at the end. */
export function storedJson(value: Json): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
