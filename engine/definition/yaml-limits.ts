import type { CST } from 'yaml';

/** A file larger than this is refused before it is parsed. */
export const maxBytes = 1024 * 1024;
/** Deeper nesting can exhaust the stack of whatever walks the value. */
export const maxDepth = 64;
const maxAliases = 100;
/** Aliases can multiply a small text; this many values is far beyond any real config. */
export const maxValues = 100_000;

export interface TooMuch {
  readonly offset: number;
  readonly message: string;
}

/** Looks for nesting and aliases beyond the limits in a token tree, without recursion. */
export function findTooMuch(tokens: readonly CST.Token[]): TooMuch | undefined {
  const aliases: number[] = [];
  const waiting = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) {
      return { offset: token.offset, message: `Nested deeper than ${maxDepth} levels.` };
    }
    if (token.type === 'alias') aliases.push(token.offset);
    if (token.type === 'document' && token.value !== undefined) waiting.push({ token: token.value, depth });
    if ('items' in token) {
      for (const item of token.items) {
        for (const inner of [item.key, item.value]) {
          if (inner !== undefined && inner !== null) waiting.push({ token: inner, depth: depth + 1 });
        }
      }
    }
  }
  const first = aliases.sort((a, b) => a - b)[maxAliases];
  return first === undefined ? undefined : { offset: first, message: `More than ${maxAliases} aliases.` };
}
