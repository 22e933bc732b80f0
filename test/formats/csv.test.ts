import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv, writeCsv } from '../../formats/csv.ts';

test('only fields that need it are quoted', () => {
  expect(
    writeCsv(
      ['path', 'note'],
      [
        ['a b.png', 'say "hi", twice\n'],
        ['c.png', ''],
      ],
    ),
  ).toBe('path,note\na b.png,"say ""hi"", twice\n"\nc.png,\n');
});

test('any table comes back as it went in', () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é', '𝄞') });
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 5 }),
    );
  fc.assert(
    fc.property(table, ([columns, ...rows]) => {
      if (columns === undefined) return;
      expect(parseCsv(writeCsv(columns, rows), 't.csv')).toEqual({ ok: true, value: { columns, rows } });
    }),
    { seed: 1 },
  );
});

test('a byte-order mark and Windows line ends are read', () => {
  expect(parseCsv('\ufeffa,b\r\n1,"2"\r\n', 't.csv')).toEqual({
    ok: true,
    value: { columns: ['a', 'b'], rows: [['1', '2']] },
  });
});

test.each([
  ['', 1, 'The file is empty; expected a header row.'],
  ['a,b\n1,2\n3\n', 3, 'The row has 1 fields; the header has 2.'],
  ['a\n"x""\ny', 2, 'A quoted field is never closed.'],
  ['a\n"x"y\n', 2, 'Text follows a closing quote.'],
  ['a\nx"y\n', 2, 'A quote stands inside an unquoted field.'],
])('%j is refused with its line', (text, line, message) => {
  expect(parseCsv(text, 't.csv')).toMatchObject({
    ok: false,
    faults: [{ code: 'ERS_SCHEMA', message, place: { file: 't.csv', line } }],
  });
});
