import type { Json } from '../../base/canonical.ts';
import type { Validator } from './built.ts';
import { hasKey } from './config-keys.ts';
import { insertAt } from './located.ts';
import type { Located } from './located.ts';

/**
 * The config with those `locations` that it leaves out and that some stage's schema fills in, so that `${a.b}` of a
 * config without the group `a` is what the schema says, for instance null. Nothing else is added.
 */
export function withDefaultLocations(
  config: Located,
  locations: Iterable<string>,
  validators: Iterable<Validator>,
): Located {
  const missing = [...locations].filter((key) => !hasKey(config, key));
  if (missing.length === 0) return config;
  const groups: Record<string, Json> = {};
  for (const validate of validators) {
    const filled: Record<string, Json> = {};
    // Faults of what has no default are told where the stage's params are read.
    validate(filled);
    Object.assign(groups, filled);
  }
  let tree = config;
  for (const key of missing) {
    const value = valueAt(groups, key.split('.'));
    if (value !== null && typeof value !== 'string') continue;
    tree = insertAt(tree, key.split('.'), { place: config.place, content: value }) ?? tree;
  }
  return tree;
}

function valueAt(value: Json | undefined, [step, ...rest]: readonly string[]): Json | undefined {
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = value as Readonly<Record<string, Json>>;
  return Object.hasOwn(members, step) ? valueAt(members[step], rest) : undefined;
}
