import type { Placeholder } from './placeholders.ts';

/** Where a word of its own cannot stand in a line for a POSIX shell. */
export type ShellPlace =
  | 'single quotes'
  | 'double quotes'
  | 'backticks'
  | 'a comment'
  | 'a here-document'
  | 'arithmetic'
  | 'a parameter expansion';

/** What is open at a point of the line, innermost last. */
type Open = 'paren' | 'double quotes' | 'arithmetic' | 'a parameter expansion';

/**
 * Where each placeholder of a shell line stands, by its offset; those that may become a word are left out.
 * Follows POSIX 2.2 (quoting), 2.3 (tokens), 2.6.3 (substitution) and 2.7.4 (here-documents); `$(…)` begins anew inside quotes.
 * Nothing unsafe follows from a line that it misreads (such as `case` in `$(…)`): values never become part of the line.
 */
export function placesOf(
  line: string,
  placeholders: readonly Placeholder[],
): ReadonlyMap<number, ShellPlace> {
  const scan = new Scan(line, placeholders);
  scan.run();
  return scan.places;
}

class Scan {
  readonly places = new Map<number, ShellPlace>();
  readonly #line: string;
  readonly #tokens: ReadonlyMap<number, number>;
  /** Where tokens begin, from left to right; those before `#marked` lie behind what was marked. */
  readonly #starts: readonly number[];
  #marked = 0;
  readonly #open: Open[] = [];
  /** Here-documents that begin after this line. */
  #pending: { readonly end: string; readonly tabs: boolean }[] = [];
  #at = 0;

  constructor(line: string, placeholders: readonly Placeholder[]) {
    this.#line = line;
    this.#tokens = new Map(placeholders.map(({ at, token }) => [at, token.length]));
    this.#starts = [...this.#tokens.keys()].sort((a, b) => a - b);
  }

  run(): void {
    while (this.#at < this.#line.length) this.#step();
  }

  #step(): void {
    const top = this.#open.at(-1);
    const token = this.#tokens.get(this.#at);
    if (token !== undefined) {
      if (top !== undefined && top !== 'paren') this.places.set(this.#at, top);
      this.#at += token;
      return;
    }
    const char = this.#line[this.#at] ?? '';
    if (char === '\\') this.#at += 2;
    else if (char === '`') this.#until('`', 'backticks', true);
    else if (this.#opens(char, top) || this.#closes(char, top)) return;
    else if (top === undefined || top === 'paren') this.#plain(char);
    else this.#at += 1;
  }

  #opens(char: string, top: Open | undefined): boolean {
    const next = this.#line.slice(this.#at, this.#at + 3);
    if (next === '$((') return this.#push('arithmetic', 3);
    if (next.startsWith('$(')) return this.#push('paren', 2);
    if (next.startsWith('${') && !this.#tokens.has(this.#at + 1))
      return this.#push('a parameter expansion', 2);
    if (char === '"' && top !== 'double quotes') return this.#push('double quotes', 1);
    if (char === '(' && (top === undefined || top === 'paren')) return this.#push('paren', 1);
    return false;
  }

  #closes(char: string, top: Open | undefined): boolean {
    const ends =
      (char === '"' && top === 'double quotes') ||
      (char === ')' && top === 'paren') ||
      (char === '}' && top === 'a parameter expansion') ||
      (top === 'arithmetic' && this.#line.startsWith('))', this.#at));
    if (!ends) return false;
    this.#open.pop();
    this.#at += top === 'arithmetic' ? 2 : 1;
    return true;
  }

  #push(open: Open, length: number): boolean {
    this.#open.push(open);
    this.#at += length;
    return true;
  }

  /** Outside of all quotes. */
  #plain(char: string): void {
    if (char === "'") this.#until("'", 'single quotes', false);
    else if (char === '#' && /^$|[\s;&|()]/.test(this.#line[this.#at - 1] ?? '')) {
      this.#until('\n', 'a comment', false, true);
    } else if (char === '\n' && this.#pending.length > 0) this.#documents();
    else if (this.#line.startsWith('<<<', this.#at)) this.#at += 3;
    else if (this.#line.startsWith('<<', this.#at)) this.#announce();
    else this.#at += 1;
  }

  /** Goes behind the next `end`, or up to it; what lies between stands in `place`. */
  #until(end: string, place: ShellPlace, escapes: boolean, upTo = false): void {
    let to = this.#at + 1;
    while (to < this.#line.length && this.#line[to] !== end) to += escapes && this.#line[to] === '\\' ? 2 : 1;
    this.#mark(to, place);
    this.#at = upTo ? to : to + 1;
  }

  #announce(): void {
    const rest = this.#line.slice(this.#at);
    const [operator = '<<', dash = '', word = ''] =
      /^<<(-?)[ \t]*((?:\\.|'[^']*'|"[^"]*"|[^\s;&|()<>])*)/.exec(rest) ?? [];
    this.#pending.push({ end: word.replace(/\\(.)|['"]/g, '$1'), tabs: dash !== '' });
    this.#mark(this.#at + operator.length, 'a here-document');
    this.#at += operator.length;
  }

  #documents(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#at += 1;
    for (const { end, tabs } of pending) {
      for (let found = false; !found && this.#at < this.#line.length;) {
        const newline = this.#line.indexOf('\n', this.#at);
        const to = newline === -1 ? this.#line.length : newline;
        const text = this.#line.slice(this.#at, to);
        found = (tabs ? text.replace(/^\t+/, '') : text) === end;
        this.#mark(to, 'a here-document');
        this.#at = to + 1;
      }
    }
  }

  #mark(to: number, place: ShellPlace): void {
    for (; (this.#starts[this.#marked] ?? to) < to; this.#marked += 1) {
      const at = this.#starts[this.#marked] ?? to;
      if (at >= this.#at) this.places.set(at, place);
    }
  }
}
