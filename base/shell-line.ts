/**
 * Words as a line that a shell (bash, zsh, any of POSIX.1-2024) splits into the same words again. It is made to be shown: a
 * control character stands as its octal escape.
 */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  // zsh takes a word that begins with = for the path of a program.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word)) return word;
  if (!/\p{Cc}/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, octal)}'`;
}

/** Each byte of its UTF-8: `\012`. */
function octal(char: string): string {
  return [...Buffer.from(char)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
