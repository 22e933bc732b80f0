import type { Fault } from '../../base/fault.ts';
import type { RawText } from './raw-pipeline.ts';
import { closest, didYouMean } from './suggest.ts';

const placeholder = /\{([a-z]+)\.([^{}\s]*)\}/g;
const groups = ['deps', 'outs', 'params'];

/** Names that placeholders may use. */
export interface Names {
  readonly deps: readonly string[];
  readonly outs: readonly string[];
  readonly params: readonly string[];
}

/** Checks `{deps.N}`, `{outs.N}` and `{params.K}` of a command. Other braces are the program's own. */
export function readCommand(
  cmd: RawText | readonly RawText[],
  names: Names,
  faults: Fault[],
): readonly string[] | string {
  if ('text' in cmd) {
    checkNames(cmd, names, faults);
    checkQuotes(cmd, faults);
    return cmd.text;
  }
  for (const word of cmd) checkNames(word, names, faults);
  return cmd.map(({ text }) => text);
}

function checkNames(raw: RawText, names: Names, faults: Fault[]): void {
  for (const { token, group, name, nth } of placeholdersOf(raw.text)) {
    const place = raw.within(token, nth);
    if (group !== 'deps' && group !== 'outs' && group !== 'params') {
      const meant = closest(group, groups);
      if (meant === undefined) continue;
      const hint = `Did you mean {${meant}.${name}}?`;
      faults.push({ code: 'ERS_SCHEMA', message: `${token} is no placeholder.`, place, hint });
    } else if (!names[group].includes(name)) {
      faults.push({
        code: group === 'params' ? 'ERS_UNKNOWN_PARAM' : group === 'outs' ? 'ERS_UNKNOWN_OUT' : 'ERS_SCHEMA',
        message: `${token}: the stage's ${group} have no \`${name}\`.`,
        place,
        ...didYouMean(name, names[group]),
      });
    }
  }
}

/**
 * In a line for /bin/sh a placeholder becomes one quoted word. Inside quotes or backticks those quotes would end the
 * line's own, and what the value holds would be run.
 */
function checkQuotes(raw: RawText, faults: Fault[]): void {
  const quoted = quoteAt(raw.text);
  for (const { token, at, nth } of placeholdersOf(raw.text)) {
    const quote = quoted[at];
    if (quote !== undefined && quote !== '') {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${token} stands inside ${quote}: it becomes a quoted word by itself.`,
        place: raw.within(token, nth),
        hint: 'Take it out of the quotes, or write cmd as a list.',
      });
    } else if (raw.text[at - 1] === '$' || raw.text[at - 1] === '\\') {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${token} stands after ${raw.text[at - 1] ?? ''}, which would change its meaning.`,
        place: raw.within(token, nth),
        hint: `Write ${token} alone.`,
      });
    }
  }
}

/** For each character of a shell line: the quotes it stands in, '' for none. */
function quoteAt(line: string): readonly string[] {
  const result: string[] = [];
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    result.push(
      quote === "'" ? 'single quotes' : quote === '"' ? 'double quotes' : quote === '`' ? 'backticks' : '',
    );
    if (char === '\\' && quote !== "'") {
      at += 1;
      result.push(result[at - 1] ?? '');
    } else if (quote === '' && (char === "'" || char === '"' || char === '`')) quote = char;
    else if (char === quote) quote = '';
  }
  return result;
}

function placeholdersOf(
  text: string,
): { token: string; group: string; name: string; at: number; nth: number }[] {
  const seen = new Map<string, number>();
  return [...text.matchAll(placeholder)].map((match) => {
    const [token, group = '', name = ''] = match;
    const nth = seen.get(token) ?? 0;
    seen.set(token, nth + 1);
    return { token, group, name, at: match.index, nth };
  });
}
