import type { Io } from './io.ts';

/** Characters of a line: the terminal's, 80 where there is none. */
export function widthOf({ stdout }: Io): number {
  return stdout.isTTY ? stdout.columns : 80;
}

/** A sentence as lines of at most `width` characters, broken at blanks, the first after `first` and the others after `next`. A longer word stays whole. */
export function wrapped(text: string, width: number, first = '', next = `${first}  `): readonly string[] {
  const [word = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = `${first}${word}`;
  for (const each of words) {
    if (line.length + 1 + each.length <= width) line = `${line} ${each}`;
    else {
      lines.push(line);
      line = `${next}${each}`;
    }
  }
  return [...lines, line];
}

/**
 * Texts of one column cut to `longest` characters, so that no two that differ come to the same: what begins alike is cut
 * in front. Where that cannot be, they stay whole.
 */
export function cutApart(texts: readonly string[], longest: number): readonly string[] {
  const behind = (text: string) => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`);
  const before = (text: string) => (text.length <= longest ? text : `…${text.slice(1 - longest)}`);
  const clashes = (cut: (text: string) => string, text: string): boolean =>
    texts.some((other) => other !== text && cut(other) === cut(text));
  return texts.map((text) => {
    if (!clashes(behind, text)) return behind(text);
    return texts.some((other) => clashes(behind, other) && clashes(before, other)) ? text : before(text);
  });
}
