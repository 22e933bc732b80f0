import { canonical, type Json } from '../../base/canonical.ts';
import type { Pipeline } from '../definition/types.ts';
import { leaves } from '../plan/diff.ts';

/** Every config key that some stage reads, with the schemas' defaults. */
export function paramKeys(pipeline: Pipeline): readonly string[] {
  return [...new Set([...pipeline.stages.values()].flatMap(({ params }) => Object.keys(leaves(params))))];
}

/**
 * The params of several stages as one: dotted key → value, lists whole. Where stages were made with different values of
 * one key, as the members of a matrix, each is `stage:key`.
 */
export function paramsOf(
  all: readonly (readonly [stage: string, params: Readonly<Record<string, Json>>])[],
): Readonly<Record<string, Json>> {
  const each = all.flatMap(([stage, params]) =>
    Object.entries(leaves(params)).map(([key, value]) => ({ stage, key, value })),
  );
  const values = new Map<string, Set<string>>();
  for (const { key, value } of each) {
    const known = values.get(key) ?? new Set<string>();
    values.set(key, known.add(canonical(value)));
  }
  return Object.fromEntries(
    each.map(({ stage, key, value }) => [values.get(key)?.size === 1 ? key : `${stage}:${key}`, value]),
  );
}
