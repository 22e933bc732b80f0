import type { Schema } from './say-schema.ts';

/** What a user may write for a group that a schema asks for: `{ images: …, masks: … }`; what has a default is left out. */
export function sketch(schema: Schema | undefined): string {
  const { items } = schema ?? {};
  if (items !== undefined && !Array.isArray(items)) return `[${sketch(items as Schema)}, …]`;
  const needed = (schema?.required ?? []).filter(
    (name) => !('default' in (schema?.properties?.[name] ?? {})),
  );
  return needed.length === 0 ? '…' : `{ ${needed.map((name) => `${name}: …`).join(', ')} }`;
}

/** The same for a dotted key of the config: `dataset: { root: … }`. */
export function sketchKey(path: readonly string[]): string {
  const [first = '', ...below] = path;
  return below.length === 0 ? `${first}: …` : `${first}: { ${sketchKey(below)} }`;
}
