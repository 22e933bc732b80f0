import type { Json } from '../../base/canonical.ts';

/** The value of a key among a stage's params, where a param that is listed is a whole group or the dotted key itself. */
export function valueAt(params: Readonly<Record<string, Json>>, path: readonly string[]): Json | undefined {
  const dotted = params[path.join('.')];
  if (dotted !== undefined) return dotted;
  let value: Json | undefined = params;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = (value as Readonly<Record<string, Json>>)[step];
  }
  return value;
}
