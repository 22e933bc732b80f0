import type { Random } from '../../../base/random.ts';

/** What breaks YAML, its parsers, and those who trust it. */
const pieces: readonly string[] = [
  ...[
    ': ',
    '\n',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '#',
    '\t',
    '|',
    '>',
    ',',
    '? ',
    '%',
    '@',
    '`',
    '\r',
    '\r\n',
  ],
  ...[
    '&a ',
    '*a',
    '&a [*a]',
    '<<: *a',
    '!x ',
    '!!binary ',
    '!!js/function ',
    '!!str ',
    '!!set ',
    '---\n',
    '...\n',
  ],
  ...['\0', '\ufeff', '\u2028', '\ud800', '\x1b[2J', '\x7f', '𝔘', 'é', '\\u0000', '\\xd8'],
  ...[
    '1e999',
    '-.inf',
    '.nan',
    '0x10',
    '0o17',
    '017',
    '9007199254740993',
    '1e-400',
    '-0',
    '1_000',
    'null',
    '~',
  ],
  ...[
    'true',
    'yes',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    '2026-11-23',
    'a: b: c',
    '${',
    '${a.b}',
  ],
  ...[
    '${dataset.root}',
    '{deps.x}',
    '{params.split}',
    '{outs.}',
    'train:model',
    'train@*:model',
    'scan:catalog',
    '..',
  ],
  ...[
    '/etc/passwd',
    '../x',
    'matrix: { a.b: [1] }',
    'frozen: true',
    'retries: 99',
    'timeout: 1d',
    'slots: {',
    '-'.repeat(70),
  ],
  ...['['.repeat(80), '- '.repeat(80), ' '.repeat(300), 'x'.repeat(3000)],
];

/** A damaged copy of a YAML file: one to five edits of bytes, words, lines or indents. */
export function mutate(text: string, random: Random): Uint8Array {
  let now = text;
  for (let edits = random.integer(1, 5); edits > 0; edits -= 1) now = edit(now, random);
  const bytes = Buffer.from(now);
  if (random.next() < 0.05 && bytes.length > 0)
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  return random.next() < 0.03 ? bytes.subarray(0, random.integer(0, bytes.length)) : bytes;
}

function edit(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random.integer(0, lines.length - 1);
  const line = lines[at] ?? '';
  const piece = pieces[random.integer(0, pieces.length - 1)] ?? '';
  switch (random.integer(0, 9)) {
    case 0:
      return lines.toSpliced(at, 1).join('\n');
    case 1:
      return lines.toSpliced(random.integer(0, lines.length), 0, line).join('\n');
    case 2:
      return lines.with(at, `${' '.repeat(random.integer(0, 5))}${line}`).join('\n');
    case 3:
      return lines.with(at, line.trimStart()).join('\n');
    case 4:
      return lines
        .with(
          at,
          line.replace(/:.*/, () => `: ${piece}`),
        )
        .join('\n');
    case 5:
      return lines
        .with(
          at,
          line.replace(/[\w.]+/, () => piece),
        )
        .join('\n');
    case 6:
      return lines.with(at, line.replace(/\S(?=\S*$)/, '')).join('\n');
    case 7: {
      const [from, length] = [random.integer(0, text.length), random.integer(1, 40)];
      return text.slice(0, from) + text.slice(from + length);
    }
    default: {
      const where = random.integer(0, text.length);
      return text.slice(0, where) + piece + text.slice(where + random.integer(0, 3));
    }
  }
}
