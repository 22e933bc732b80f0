import { placeBefore, sayPlace } from '../../base/fault.ts';
import type { Fault, Place } from '../../base/fault.ts';

/** Longer lines are cut around the caret. */
const width = 100;

/**
 * A fault as a block of text, without colour:
 *
 *     pipeline.yaml:8:5 There is no stage `scna`. [ERS_UNKNOWN_STAGE]
 *         deps: { catalog: 'scna:catalog' }
 *                          ^
 *       Did you mean `scan`?
 *
 * `read` gives the text of a file that a place names, or undefined where there is none to show.
 */
export function showFault(fault: Fault, read: (file: string) => string | undefined): string {
  const lines = [`${placeBefore(fault)}${fault.message} [${fault.code}]`, ...excerpt(fault.place, read)];
  if (fault.also !== undefined) {
    lines.push(`  and ${sayPlace(fault.also)}`, ...excerpt(fault.also, read));
  }
  if (fault.hint !== undefined) lines.push(`  ${fault.hint}`);
  return lines.join('\n');
}

function excerpt(place: Place | undefined, read: (file: string) => string | undefined): readonly string[] {
  if (place?.line === undefined) return [];
  const line = read(place.file)?.split(/\r\n|\n|\r/)[place.line - 1];
  if (line === undefined) return [];
  const column = Math.min((place.column ?? 1) - 1, line.length);
  const start = column > width - 20 ? column - 40 : 0;
  const shown = printable(line.slice(start, start + width));
  const before = printable(line.slice(start, column)).replace(/[^\t]/g, ' ');
  return [`    ${shown}`, `    ${before}^`];
}

/** Control characters other than tabs could drive the terminal. */
function printable(text: string): string {
  return text.replace(/(?!\t)\p{Cc}/gu, '�');
}
