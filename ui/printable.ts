import { stripVTControlCharacters } from 'node:util';

/** Text of unknown origin made safe for a terminal: escape sequences go, other control characters become `�`; of a line redrawn with `\r` the last state stays. */
export function printable(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/\r+$/, '').replaceAll('\t', '  ');
  return plain.slice(plain.lastIndexOf('\r') + 1).replace(/\p{Cc}/gu, '�');
}
