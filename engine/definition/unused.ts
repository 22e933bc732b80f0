import type { Fault } from '../../base/fault.ts';
import { asMapping } from './located.ts';
import type { Located } from './located.ts';
import { isPlenty } from './plenty.ts';
import { closest } from '../../base/suggest.ts';

/**
 * Config keys that nothing reads: a misspelt key must not be silence. `used` are dotted keys; a key is used with all
 * that is in it. A key that resembles one which is wanted but missing is told as misspelt.
 */
export function findUnused(config: Located, used: ReadonlySet<string>, faults: Fault[]): void {
  const wanted = [...used].map((key) => key.split('.'));
  const visit = (node: Located, above: readonly string[], open: readonly (readonly string[])[]): void => {
    const members = asMapping(node) ?? new Map<string, never>();
    const names = new Set(open.map((path) => path[above.length] ?? ''));
    const missing = [...names].filter((name) => !members.has(name));
    for (const [name, { key, value }] of members) {
      if (isPlenty(faults)) return;
      const below = names.has(name) ? open.filter((path) => path[above.length] === name) : [];
      if (below.some((path) => path.length === above.length + 1)) continue;
      const path = [...above, name];
      if (below.length > 0) {
        visit(value, path, below);
        continue;
      }
      const meant = closest(name, missing);
      faults.push(
        meant === undefined
          ? {
              code: 'ERS_UNUSED_KEY',
              message: `No stage reads \`${path.join('.')}\`.`,
              place: key,
              hint: 'Remove it, or list it in the params of a stage.',
            }
          : {
              code: 'ERS_UNKNOWN_KEY',
              message: `Unknown key \`${path.join('.')}\`.`,
              place: key,
              hint: `Did you mean \`${[...above, meant].join('.')}\`?`,
            },
      );
    }
  };
  visit(config, [], wanted);
}
