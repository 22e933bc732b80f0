import type { CST } from 'yaml';

/** A file larger than this is refused before it is parsed. */
export const maxBytes = 1024 * 1024;
/** Deeper nesting can exhaust the stack of whatever walks the value. */
export const maxDepth = 64;
/** Aliases can multiply a small text; this many values is far beyond any real config. */
export const maxValues = 100_000;
/** Pieces that the lexer makes of a text: about seven a line of `key: value`. */
export const maxLexemes = 7 * maxValues + 10_000;
const maxAliases = 100;
const maxDirectives = 10;
/** A node has at most an anchor and a tag. */
const maxProps = 2;

export interface TooMuch {
  readonly offset: number;
  readonly message: string;
}

/** Looks for nesting, aliases, directives, anchors and tags beyond the limits in a token tree, without recursion. */
export function findTooMuch(tokens: readonly CST.Token[]): TooMuch | undefined {
  const aliases: number[] = [];
  const directives = tokens.filter(({ type }) => type === 'directive');
  const tooMany = directives[maxDirectives];
  if (tooMany !== undefined) {
    return { offset: tooMany.offset, message: `More than ${maxDirectives} directives.` };
  }
  const waiting = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) {
      return { offset: token.offset, message: `Nested deeper than ${maxDepth} levels.` };
    }
    if (token.type === 'alias') aliases.push(token.offset);
    if (token.type === 'document') {
      const props = thirdProp(token.start);
      if (props !== undefined) return props;
      if (token.value !== undefined) waiting.push({ token: token.value, depth });
    }
    if ('items' in token) {
      for (const item of token.items) {
        const props = thirdProp(item.start) ?? thirdProp(item.sep ?? []);
        if (props !== undefined) return props;
        for (const inner of [item.key, item.value]) {
          if (inner !== undefined && inner !== null) waiting.push({ token: inner, depth: depth + 1 });
        }
      }
    }
  }
  const first = aliases.sort((a, b) => a - b)[maxAliases];
  return first === undefined ? undefined : { offset: first, message: `More than ${maxAliases} aliases.` };
}

function thirdProp(start: readonly CST.SourceToken[]): TooMuch | undefined {
  const third = start.filter(({ type }) => type === 'anchor' || type === 'tag')[maxProps];
  if (third === undefined) return undefined;
  return { offset: third.offset, message: 'A value can have one anchor and one tag.' };
}
