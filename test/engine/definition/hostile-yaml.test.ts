import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultCodes } from '../../../base/fault.ts';
import { edit, Fixture, goodConfig, goodPipeline } from './fixture.ts';

const fixture = new Fixture();
beforeAll(() => fixture.build());
afterAll(() => fixture.remove());

/** Nine levels of nine: 9^9 values if it were expanded. */
const laughs = Array.from({ length: 10 }, (_, level) =>
  level === 0
    ? 'a0: &a0 x'
    : `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
).join('\n');

const hostile: readonly (readonly [string, string | Uint8Array, string])[] = [
  ['nothing', '', 'ERS_UNKNOWN_KEY pipeline.yaml:10:45 The config has no key `model.encoder_weights`.'],
  [
    'an alias without its anchor',
    'plot: &v 1\ndataset: { root: *u }',
    'ERS_YAML config.yaml:2:18 There is no anchor `&u` above, which `*u` repeats. | Write &u before the value meant',
  ],
  [
    'a list',
    '[1, 2]',
    'ERS_SCHEMA config.yaml:1:1 Expected keys with values, got a list of 2 items. | A config is lines',
  ],
  ['flow nesting', `x: ${'['.repeat(100_000)}`, 'ERS_YAML config.yaml:1:68 Nested deeper than 64 levels.'],
  ['block nesting', '- '.repeat(100_000), 'ERS_YAML config.yaml:1:131 Nested deeper than 64 levels.'],
  ['key nesting', '? '.repeat(50_000), 'ERS_YAML config.yaml:1:131 Nested deeper than 64 levels.'],
  [
    'too many aliases',
    `a: &a 1\nb: [${'*a, '.repeat(101)}]`,
    'ERS_YAML config.yaml:2:405 More than 100 aliases.',
  ],
  ['aliases that multiply', laughs, 'ERS_YAML'],
  ['a value inside itself', 'a: &a [*a]', 'ERS_YAML'],
  [
    'a file over 1 MiB',
    `x: ${'y'.repeat(1024 * 1024)}`,
    'ERS_YAML config.yaml config.yaml has 1048579 bytes: a YAML file may have 1048576.',
  ],
  ['__proto__', '__proto__: { polluted: 1 }', 'ERS_YAML config.yaml:1:1 The key `__proto__` is not allowed.'],
  ['constructor', 'a: { constructor: 1 }', 'ERS_YAML config.yaml:1:6 The key `constructor` is not allowed.'],
  ['prototype', 'prototype: 1', 'ERS_YAML config.yaml:1:1 The key `prototype` is not allowed.'],
  ['a mapping as a key', '? { a: 1 }\n: 2', 'ERS_YAML config.yaml:1:3 Expected a name as the key.'],
  [
    'a second document',
    'a: 1\n---\nb: 2',
    'ERS_YAML config.yaml:2:1 Expected one document, found a second one.',
  ],
  ['an unknown tag', 'a: !js/function x', 'ERS_YAML config.yaml:1:4 Unresolved tag: !js/function.'],
  ['bytes in text', 'a: !!binary aGk=', 'ERS_YAML config.yaml:1:4 Unresolved tag: tag:yaml.org,2002:binary.'],
  [
    'a date',
    'a: !!timestamp 2026-11-23',
    'ERS_YAML config.yaml:1:4 Unresolved tag: tag:yaml.org,2002:timestamp.',
  ],
  ['a set', 'a: !!set { b, c }', 'ERS_YAML config.yaml:1:4 Unresolved tag: tag:yaml.org,2002:set.'],
  [
    'a merge key',
    'a: &a { b: 1 }\nc: { <<: *a }',
    'ERS_YAML config.yaml:2:6 The key `<<` is not allowed. | Merge keys are YAML 1.1: write out the keys that are meant.',
  ],
  ['a zero character', 'a: "\\0"', 'ERS_YAML config.yaml:1:4 A text cannot hold a zero character.'],
  [
    'half a character',
    'a: "\\ud800"',
    'ERS_YAML config.yaml:1:4 A text cannot hold half of a character (a lone surrogate).',
  ],
  [
    'a number with leading zeros',
    'a: 017',
    'ERS_YAML config.yaml:1:4 The number 017 begins with 0, which programs read in different ways. | Quote it if it is a name, or write 17; an octal number begins with 0o.',
  ],
  [
    'line ends that were converted twice',
    'a: 1\r\r\nb: 2\r\r\n',
    'ERS_YAML config.yaml:1:5 A carriage return stands here without a line feed. | Save the file with line feeds (LF) at the ends of its lines.',
  ],
  [
    'a name that every object has',
    'a: { toString: 1 }',
    'ERS_YAML config.yaml:1:6 The key `toString` is not allowed.',
  ],
  [
    'a number next to nothing',
    'a: 1e-400',
    'ERS_YAML config.yaml:1:4 The number 1e-400 is too small to be kept: it would be 0. | Write 0, or one above 1e-307.',
  ],
  ['a number beyond all', 'a: -1e999', 'ERS_YAML config.yaml:1:4 Expected a finite number, got -1e999.'],
  [
    'three tags',
    'a: !!str !!str !!str b',
    'ERS_YAML config.yaml:1:16 A value can have one anchor and one tag.',
  ],
  ['a crowd of directives', '%a\n'.repeat(100_000), 'ERS_YAML config.yaml:11:1 More than 10 directives.'],
  [
    'a million items',
    `a: [${'1,'.repeat(500_000)}]`,
    'ERS_YAML config.yaml:1:473334 More keys and values than 100 000.',
  ],
  ['a million dashes', `a: ${'-'.repeat(1_000_000)}`, 'ERS_'],
  ['nothing but brackets', '[]'.repeat(500_000), 'ERS_YAML config.yaml:1:3 Unexpected flow-seq-start'],
  ['a document after the other', '---\n'.repeat(250_000), 'ERS_YAML config.yaml:2:1 Expected one document'],
  [
    'control characters in a key, shown as such',
    '"\\e[2J": 1',
    'ERS_UNKNOWN_KEY pipeline.yaml:10:45 The config has no key `model.encoder_weights`. | There is: \\x1b[2J.',
  ],
  ['infinity', 'a: .inf', 'ERS_YAML config.yaml:1:4 Expected a finite number, got .inf.'],
  [
    'an integer that a double cannot hold',
    'seed: 12345678901234567890',
    'ERS_YAML config.yaml:1:7 The integer 12345678901234567890 is too large to be kept exactly. | Use one below 2^53.',
  ],
  [
    'bytes that are no text',
    Uint8Array.of(0x61, 0x3a, 0x20, 0xff, 0xfe),
    'ERS_YAML config.yaml config.yaml is not UTF-8 text. | Save it as UTF-8.',
  ],
];

test('of a syntax error only the first fault is told, not what the parser stumbles on after it', async () => {
  const open = 'a:\n  b: [1\n  c: 2\n  d: 3\n';
  const other = `${open.replace('[1', '1')}e:\n  f: 1\n\tg: 2\n`;
  expect(await fixture.faults(goodPipeline, open)).toEqual([
    'ERS_YAML config.yaml:3:3 Flow sequence in block collection must be sufficiently indented and end with a ]. | Is a bracket or brace not closed on the line above?',
  ]);
  expect(await fixture.faults(goodPipeline, other)).toEqual([
    'ERS_YAML config.yaml:7:1 Tabs are not allowed as indentation. | Indent with spaces.',
  ]);
  const both = await fixture.faults(goodPipeline, open + other.replaceAll(/^(?=\w)/gm, 'x'));
  expect(both.map((fault) => fault.split(' ')[1])).toEqual(['config.yaml:3:3', 'config.yaml:11:1']);
});

describe('a hostile config is refused', () => {
  test.each(hostile)('%s', async (_, config, expected) => {
    const [first = ''] = await fixture.faults(goodPipeline, config);
    expect(first.startsWith(expected), first).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('20 000 keys are read in a moment, not compared with each other', async () => {
    const config = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
    const faults = await fixture.faults(goodPipeline, config);
    expect(faults.length).toBeGreaterThan(10);
  });
});

test('names of JavaScript objects are no stages, outs, inputs or params', async () => {
  for (const word of ['toString', 'hasOwnProperty', 'valueOf']) {
    for (const from of ['scan:catalog', 'train:history']) {
      const [, out = ''] = from.split(':');
      const faults = await fixture.faults(edit(goodPipeline, `'${from}'`, `'${from.replace(out, word)}'`));
      expect(faults[0]).toContain('ERS_UNKNOWN_OUT');
    }
    expect((await fixture.faults(edit(goodPipeline, 'uses: scan', `uses: ${word}`)))[0]).toContain(
      'ERS_UNKNOWN_USES',
    );
    expect((await fixture.faults(edit(goodPipeline, 'data: ', `${word}: x, data: `)))[0]).toContain(
      `The key \`${word}\` is not allowed.`,
    );
    expect((await fixture.faults(goodPipeline, `${goodConfig}${word}: 1\n`))[0]).toContain(
      `The key \`${word}\` is not allowed.`,
    );
  }
});

/** Cuts, repeats and replaces pieces of a text. */
const mutated = (text: string) =>
  fc
    .array(
      fc.record({
        at: fc.nat(text.length),
        remove: fc.nat(12),
        insert: fc.oneof(
          fc.string({ maxLength: 4 }),
          fc.constantFrom(
            ': ',
            '\n',
            '- ',
            '{',
            '}',
            '[',
            ']',
            '&a ',
            '*a',
            '"',
            "'",
            '#',
            '\t',
            '|',
            '!x ',
            '? ',
            '${',
            '..',
            'null',
            '1',
          ),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce((now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove), text),
    );

test('a damaged text never throws: it loads, or gives faults with a code, a sentence and a place in the file', async () => {
  await fc.assert(
    fc.asyncProperty(
      mutated(goodPipeline),
      mutated(goodConfig),
      fc.boolean(),
      async (pipeline, config, both) => {
        const result = await fixture.load(pipeline, both ? config : goodConfig);
        if (result.pipeline === undefined) expect(result.faults.length).toBeGreaterThan(0);
        for (const { code, message, place } of result.faults) {
          expect(faultCodes).toContain(code);
          expect(message.trim()).not.toBe('');
          const text =
            place?.file === 'pipeline.yaml' ? pipeline : place?.file === 'config.yaml' ? config : undefined;
          if (both || place?.file === 'pipeline.yaml') {
            expect(text).toBeDefined();
            expect(place?.line ?? 1).toBeLessThanOrEqual((text ?? '').split(/\r\n|\n|\r/).length);
          }
        }
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});
