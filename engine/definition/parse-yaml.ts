import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter } from 'yaml';
import type { Document, ParsedNode, YAMLError, YAMLMap } from 'yaml';
import { fail, ok } from '../../base/fault.ts';
import type { Fault, Place, Result } from '../../base/fault.ts';
import type { Located, Mapping, Member } from './located.ts';
import { readTokens } from './read-tokens.ts';
import { maxBytes, maxDepth, maxValues } from './yaml-limits.ts';

/** Keys that mean something to JavaScript objects (`toString`: each has one), or to YAML 1.1. */
const refusedKeys: ReadonlyMap<string, string | undefined> = new Map([
  ...Object.getOwnPropertyNames(Object.prototype).map((name) => [name, undefined] as const),
  ['prototype', undefined],
  ['<<', 'Merge keys are YAML 1.1: write out the keys that are meant.'],
]);

/** One fault a line is enough to mend a broken file; a hostile one could give thousands. */
const maxFaults = 20;

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Keys of one mapping start in one column.',
  MULTILINE_IMPLICIT_KEY: 'Is a colon missing on this line or the one above?',
  BLOCK_AS_IMPLICIT_KEY: 'A text that contains ": " needs quotes.',
};

/** The library's words for a bracket that stands behind text: most often a placeholder, `cmd: echo {outs.o}` in braces. */
const bracket = /^Unexpected flow-(map|seq)-start/;

function hintFor({ code, message }: YAMLError): string | undefined {
  if (code === 'BAD_INDENT' && message.startsWith('Flow ')) return unclosed;
  return bracket.test(message) ? 'Text that contains { or [ needs quotes here.' : hints[code];
}

const unclosed = 'Is a bracket or brace not closed on the line above?';

/** A parser that has lost its way stumbles on: what it finds on the line of an error, or right below, follows from that one. */
function withoutEchoes(problems: readonly YAMLError[], lines: LineCounter): readonly YAMLError[] {
  let last = -1;
  return [...problems]
    .sort((a, b) => a.pos[0] - b.pos[0])
    .filter(({ pos }) => {
      const { line } = lines.linePos(pos[0]);
      const isEcho = last >= 0 && line <= last + 1;
      last = line;
      return !isEcho;
    });
}

/**
 * Parses one YAML 1.2 document into values with places. Refuses, as ERS_YAML: syntax errors, duplicate keys, a second
 * document, unknown tags, numbers that JSON cannot hold exactly, and all that exceeds yaml-limits.ts.
 */
export function parseYaml(text: string, file: string): Result<Located> {
  if (Buffer.byteLength(text) > maxBytes) {
    return fail({ code: 'ERS_YAML', message: `Larger than ${maxBytes} bytes.`, place: { file } });
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const lone = text.search(/\r(?!\n)/);
  const { tokens, tooMuch } = readTokens(text, lines.addNewLine, maxFaults);
  if (tooMuch !== undefined) {
    return fail({ code: 'ERS_YAML', message: tooMuch.message, place: placeAt(tooMuch.offset) });
  }
  // The library would take it for a letter of the value (`1\r` is no number), and editors for the end of a line.
  if (lone !== -1) {
    return fail({
      code: 'ERS_YAML',
      message: 'A carriage return stands here without a line feed.',
      place: placeAt(lone),
      hint: 'Save the file with line feeds (LF) at the ends of its lines.',
    });
  }
  // Duplicate keys are found below: the library compares each key with all before it.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    merge: false,
    // Else `!!binary` gives a buffer and `!!timestamp` a date.
    resolveKnownTags: false,
  });
  const documents = [...composer.compose(tokens, true, text.length)] as Document.Parsed[];
  const [document, second] = documents;
  if (document === undefined) throw new Error('Internal error: the composer gave no document');

  const faults: Fault[] = [];
  for (const problem of withoutEchoes([...document.errors, ...document.warnings], lines)) {
    const hint = hintFor(problem);
    faults.push({
      code: 'ERS_YAML',
      message: problem.message.replace(/\.?$/, '.'),
      place: placeAt(problem.pos[0]),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  if (second !== undefined && document.errors.length === 0) {
    faults.push({
      code: 'ERS_YAML',
      message: 'Expected one document, found a second one.',
      place: placeAt(second.range[0]),
    });
  }
  if (faults.length > 0) return fail(...faults.slice(0, maxFaults));
  const converter = new Converter(document, text, placeAt);
  const located = converter.convert(document.contents, 0);
  return converter.faults.length === 0 ? ok(located) : fail(...converter.faults.slice(0, maxFaults));
}

class Converter {
  readonly faults: Fault[] = [];
  readonly #document: Document.Parsed;
  readonly #text: string;
  readonly #placeAt: (offset: number) => Place;
  #values = 0;

  constructor(document: Document.Parsed, text: string, placeAt: (offset: number) => Place) {
    this.#document = document;
    this.#text = text;
    this.#placeAt = placeAt;
  }

  convert(node: ParsedNode | null, depth: number): Located {
    this.#values += 1;
    const offset = node === null ? 0 : node.range[0];
    const place = this.#placeAt(offset);
    if (depth > maxDepth || this.#values > maxValues) {
      if (this.#values <= maxValues + 1) {
        this.#tell('Aliases make this value too large, or it contains itself.', place);
        this.#values = maxValues + 1;
      }
      return { place, content: null };
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) {
        const message = `There is no anchor \`&${node.source}\` above, which \`*${node.source}\` repeats.`;
        this.#tell(
          message,
          place,
          `Write &${node.source} before the value meant, or quote a text that begins with *.`,
        );
        return { place, content: null };
      }
      // `resolve` finds only nodes of this document, and all of these were parsed.
      const { content } = this.convert(target as ParsedNode, depth + 1);
      return { place, content };
    }
    if (isMap(node)) return { place, content: this.#mapping(node, depth) };
    if (isSeq(node)) return { place, content: node.items.map((item) => this.convert(item, depth + 1)) };
    if (isScalar(node)) return this.#scalar(node.value, node.source, node.range, place);
    return { place, content: null };
  }

  #mapping(node: YAMLMap<ParsedNode, ParsedNode | null>, depth: number): Mapping {
    const members = new Map<string, Member>();
    for (const { key, value } of node.items) {
      const place = this.#placeAt(key.range[0]);
      const name = this.#key(key, place);
      if (name === undefined) continue;
      const first = members.get(name);
      if (first !== undefined) {
        this.faults.push({
          code: 'ERS_YAML',
          message: `The key \`${name}\` stands twice.`,
          place,
          also: first.key,
          hint: 'Keep one of the two.',
        });
        continue;
      }
      members.set(name, {
        key: place,
        value: value === null ? { place, content: null } : this.convert(value, depth + 1),
      });
    }
    return members;
  }

  #key(key: ParsedNode, place: Place): string | undefined {
    const value: unknown = isScalar(key) ? key.value : undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      this.#tell('Expected a name as the key.', place);
      return undefined;
    }
    const name = String(value);
    if (refusedKeys.has(name)) {
      this.#tell(`The key \`${name}\` is not allowed.`, place, refusedKeys.get(name));
      return undefined;
    }
    this.#checkText(name, place);
    return name;
  }

  #scalar(
    value: unknown,
    source: string | undefined,
    range: readonly [number, number, number],
    place: Place,
  ): Located {
    if (typeof value === 'string') {
      this.#checkText(value, place);
      const raw = this.#text.slice(range[0], range[1]);
      const within = (token: string, occurrence: number): Place => {
        let at = raw.indexOf(token);
        for (let n = 0; n < occurrence && at >= 0; n += 1) at = raw.indexOf(token, at + 1);
        return at < 0 ? place : this.#placeAt(range[0] + at);
      };
      return { place, content: value, within };
    }
    if (typeof value === 'number') {
      const written = source ?? String(value);
      const isInteger = /^[-+]?\d+$|^0[ox]/.test(written);
      if (/^[-+]?0\d/.test(written)) {
        const hint = `Quote it if it is a name, or write ${value}; an octal number begins with 0o.`;
        this.#tell(
          `The number ${written} begins with 0, which programs read in different ways.`,
          place,
          hint,
        );
      }
      if (value === 0 && /[1-9]/.test(written.replace(/e.*$/i, ''))) {
        this.#tell(
          `The number ${written} is too small to be kept: it would be 0.`,
          place,
          'Write 0, or one above 1e-307.',
        );
      }
      if (!Number.isFinite(value)) this.#tell(`Expected a finite number, got ${written}.`, place);
      else if (isInteger && !Number.isSafeInteger(value)) {
        this.#tell(`The integer ${written} is too large to be kept exactly.`, place, 'Use one below 2^53.');
      }
    }
    if (value === null || typeof value === 'boolean' || typeof value === 'number') {
      return { place, content: value };
    }
    throw new Error(`Internal error: ${typeof value} is no value of YAML's core schema`);
  }

  /** No path, argument or variable can hold a zero character, and half a character has no bytes of its own. */
  #checkText(text: string, place: Place): void {
    if (text.includes('\0')) this.#tell('A text cannot hold a zero character.', place);
    if (/\p{Cs}/u.test(text)) {
      this.#tell('A text cannot hold half of a character (a lone surrogate).', place);
    }
  }

  #tell(message: string, place: Place, hint?: string): void {
    this.faults.push({ code: 'ERS_YAML', message, place, ...(hint === undefined ? {} : { hint }) });
  }
}
