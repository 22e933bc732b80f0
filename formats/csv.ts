import { fail, ok, type Result } from '../base/fault.ts';

/** A table: every row has exactly the header's columns. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** RFC 4180 text with a header row, `\n` line ends and quotes only where they are needed. */
export function writeCsv(columns: readonly string[], rows: Iterable<readonly string[]>): string {
  const lines = [columns, ...rows].map((row) => {
    if (row.length !== columns.length) {
      throw new Error(
        `Internal error: a row of ${row.length} fields in a table of ${columns.length} columns`,
      );
    }
    // A lone empty field would make an empty line, which readers skip.
    return row.length === 1 && row[0] === '' ? '""' : row.map(quote).join(',');
  });
  return `${lines.join('\n')}\n`;
}

function quote(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/**
 * Reads RFC 4180 text: a header row, then rows with as many fields; `\n` or `\r\n`; a leading byte-order mark is dropped.
 * @param shownAs the file to name in faults, with the line. Faults: ERS_SCHEMA.
 */
export function parseCsv(text: string, shownAs: string): Result<CsvTable> {
  const refuse = (message: string, line: number, hint: string): Result<CsvTable> =>
    fail({ code: 'ERS_SCHEMA', message, place: { file: shownAs, line }, hint });
  const records: { fields: string[]; line: number }[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const record = { fields: [] as string[], line };
    for (;;) {
      const first = at;
      let field = '';
      if (text[at] === '"') {
        const opened = line;
        at += 1;
        for (;;) {
          const close = text.indexOf('"', at);
          if (close < 0)
            return refuse('A quoted field is never closed.', opened, 'Add the missing quote (").');
          const part = text.slice(at, close);
          line += part.split('\n').length - 1;
          field += part;
          at = close + 1;
          if (text[at] !== '"') break;
          field += '"';
          at += 1;
        }
      } else {
        while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at += 1;
        field = text.slice(first, at);
        if (field.includes('"')) {
          return refuse(
            'A quote stands inside an unquoted field.',
            line,
            'Quote the whole field and double its quotes.',
          );
        }
      }
      record.fields.push(field);
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') {
      return refuse(
        'Text follows a closing quote.',
        line,
        'Quote the whole field, and double quotes inside it.',
      );
    }
    at += 1;
    line += 1;
    records.push(record);
  }
  const [header, ...rows] = records;
  if (header === undefined)
    return refuse('The file is empty; expected a header row.', 1, 'Name the columns in line 1.');
  for (const row of rows) {
    if (row.fields.length !== header.fields.length) {
      return refuse(
        `The row has ${row.fields.length} fields; the header has ${header.fields.length}.`,
        row.line,
        'Quote fields that contain a comma.',
      );
    }
  }
  return ok({ columns: header.fields, rows: rows.map((row) => row.fields) });
}
