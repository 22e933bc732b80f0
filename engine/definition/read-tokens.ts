import { Lexer, Parser } from 'yaml';
import type { CST } from 'yaml';
import { findTooMuch, maxLexemes } from './yaml-limits.ts';
import type { TooMuch } from './yaml-limits.ts';

/** What a text begins with, as far as it is worth parsing. */
export interface Tokens {
  readonly tokens: readonly CST.Token[];
  readonly tooMuch?: TooMuch;
}

/**
 * Parses a text into tokens, as far as it makes sense: it ends after `maxErrors` errors, at the end of a second document, and
 * where the text exceeds yaml-limits.ts, since what follows would cost seconds and tell nobody more.
 */
export function readTokens(text: string, onNewLine: (offset: number) => void, maxErrors: number): Tokens {
  const parser = new Parser(onNewLine);
  const tokens: CST.Token[] = [];
  let [errors, documents, lexemes] = [0, 0, 0];
  onNewLine(0);
  const take = (token: CST.Token): void => {
    tokens.push(token);
    if (token.type === 'error') errors += 1;
    if (token.type === 'document') documents += 1;
  };
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > maxLexemes) {
      return { tokens, tooMuch: { offset: parser.offset, message: 'More keys and values than 100 000.' } };
    }
    for (const token of parser.next(lexeme)) take(token);
    if (errors >= maxErrors || documents > 1) break;
  }
  for (const token of parser.end()) take(token);
  const tooMuch = findTooMuch(tokens);
  return tooMuch === undefined ? { tokens } : { tokens, tooMuch };
}
