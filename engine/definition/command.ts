import type { Fault } from '../../base/fault.ts';
import { isFilled, placeholdersOf } from './placeholders.ts';
import type { RawText } from './raw-pipeline.ts';
import { placesOf } from './shell.ts';
import { isPlenty } from './plenty.ts';
import { closest, didYouMean } from '../../base/suggest.ts';

const groups = ['deps', 'outs', 'params'];

/** Names that placeholders may use. */
export interface Names {
  readonly deps: Known;
  readonly outs: Known;
  /** Declared keys and all keys within; unchecked where the config could not be read. */
  readonly params: Known | 'unchecked';
}

interface Known {
  has(name: string): boolean;
  /** For a hint. */
  all(): Iterable<string>;
  /** Whether it is there to be declared. */
  isListable?(name: string): boolean;
}

/** Checks `{deps.N}`, `{outs.N}` and `{params.K}` of a command. Other braces are the program's own. */
export function readCommand(
  cmd: RawText | readonly RawText[],
  names: Names,
  faults: Fault[],
): readonly string[] | string {
  if ('text' in cmd) {
    checkNames(cmd, names, faults);
    checkPlaces(cmd, faults);
    return cmd.text;
  }
  for (const word of cmd) checkNames(word, names, faults);
  return cmd.map(({ text }) => text);
}

function checkNames(raw: RawText, names: Names, faults: Fault[]): void {
  for (const { token, group, name, nth } of placeholdersOf(raw.text)) {
    if (isPlenty(faults)) return;
    // Looked for only where it is told: to find the nth takes n steps.
    const place = () => raw.within(token, nth);
    if (group !== 'deps' && group !== 'outs' && group !== 'params') {
      const meant = closest(group, groups);
      if (meant === undefined) continue;
      const hint = `Did you mean {${meant}.${name}}?`;
      faults.push({ code: 'ERS_SCHEMA', message: `${token} is no placeholder.`, place: place(), hint });
      continue;
    }
    const known = names[group];
    if (known !== 'unchecked' && !known.has(name)) {
      faults.push({
        code: group === 'params' ? 'ERS_UNKNOWN_PARAM' : group === 'outs' ? 'ERS_UNKNOWN_OUT' : 'ERS_SCHEMA',
        message: `${token}: the stage's ${group} have no \`${name}\`.`,
        place: place(),
        ...(known.isListable?.(name) === true
          ? { hint: `List it: \`params: [${name}]\`.` }
          : didYouMean(name, known.all())),
      });
    }
  }
}

/**
 * In a line for /bin/sh a placeholder becomes one word, `"${ERS_P1}"`, whose value the shell takes from the environment and
 * never reads as code. Where no word can stand, its text would be lost or the quotes would be wrong.
 */
function checkPlaces(raw: RawText, faults: Fault[]): void {
  const filled = placeholdersOf(raw.text).filter(isFilled);
  const places = placesOf(raw.text, filled);
  for (const { token, at, nth } of filled) {
    if (isPlenty(faults)) return;
    const stands = places.get(at);
    const before = raw.text[at - 1];
    if (stands !== undefined) {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${token} stands inside ${stands}: it becomes a quoted word by itself.`,
        place: raw.within(token, nth),
        hint: `Take it out of the ${stands.replace(/^(single|double|an?) /, '')}, or write cmd as a list.`,
      });
    } else if (before === '$' || before === '\\') {
      faults.push({
        code: 'ERS_SCHEMA',
        message: `${token} stands after ${before}, which would change its meaning.`,
        place: raw.within(token, nth),
        hint: `Write ${token} alone.`,
      });
    }
  }
}
