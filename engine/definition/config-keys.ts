import type { Fault, Place } from '../../base/fault.ts';
import { asMapping, follow } from './located.ts';
import type { Located } from './located.ts';
import { closest, didYouMean } from '../../base/suggest.ts';

/** Whether the config has a value, be it null, at a dotted key. */
export function hasKey(config: Located, key: string): boolean {
  return follow(config, key.split('.')) !== undefined;
}

/** The existing key that a wrong one most likely meant: each step spelt right, or the only key of that last name. */
export function meantKey(config: Located, key: string): string | undefined {
  const path = key.split('.');
  const found: string[] = [];
  for (const step of path) {
    const members = asMapping(follow(config, found)?.value);
    const name = members?.has(step) === true ? step : closest(step, members?.keys() ?? []);
    if (name === undefined) break;
    found.push(name);
  }
  if (found.length === path.length) return found.join('.');
  const sameName = keysNamed(config, path.at(-1) ?? '');
  return sameName.length === 1 ? sameName[0] : undefined;
}

/** All keys, at any depth, whose last step is `name`. */
function keysNamed(node: Located, name: string, above: readonly string[] = []): readonly string[] {
  return [...(asMapping(node) ?? [])].flatMap(([step, { value }]) => [
    ...(step === name ? [[...above, step].join('.')] : []),
    ...keysNamed(value, name, [...above, step]),
  ]);
}

/** What to tell of a key that the config lacks: the key that was meant and where it is, or the keys beside it. */
export function aboutMissing(config: Located, key: string): Pick<Fault, 'hint' | 'also'> {
  const meant = meantKey(config, key);
  if (meant !== undefined) {
    const also: Place | undefined = follow(config, meant.split('.'))?.key;
    return { hint: `Did you mean \`${meant}\`?`, ...(also === undefined ? {} : { also }) };
  }
  const path = key.split('.');
  const known = path.findIndex((_, index) => follow(config, path.slice(0, index + 1)) === undefined);
  const members = asMapping(follow(config, path.slice(0, known))?.value);
  return didYouMean(path[known] ?? '', members?.keys() ?? []);
}
