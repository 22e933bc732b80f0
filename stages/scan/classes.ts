import { byCodeUnit } from '../../base/canonical.ts';
import type { ParamFault } from '../../engine/stage.ts';
import type { ClassRow } from '../class-table.ts';
import type { CatalogClass } from './catalog.ts';

/** Classes in value order, so that the order of the rows in config.yaml has no meaning. */
export function catalogClasses(rows: readonly ClassRow[]): readonly CatalogClass[] {
  let next = 0;
  return [...rows]
    .sort((a, b) => a.value - b.value)
    .map(({ value, ignore }): CatalogClass => ({ value, train: ignore === true ? null : next++ }));
}

/** What the schema of a class table cannot say. Faults: ERS_CLASS_TABLE. */
export function checkClasses(rows: readonly ClassRow[]): readonly ParamFault[] {
  const faults = [
    ...sayTwice(rows, 'value', (row) => String(row.value)),
    ...sayTwice(rows, 'name', (row) => row.name),
  ];
  if (rows.filter((row) => row.ignore !== true).length < 2) {
    faults.push({
      path: ['classes'],
      code: 'ERS_CLASS_TABLE',
      message: `Of ${rows.length} classes fewer than two are not ignored; there is nothing to tell apart.`,
      hint: 'Take ignore: true from the classes that shall be learnt.',
    });
  }
  return faults;
}

function sayTwice(
  rows: readonly ClassRow[],
  what: 'value' | 'name',
  of: (row: ClassRow) => string,
): readonly ParamFault[] {
  return [...new Set(rows.map(of))].sort(byCodeUnit).flatMap((key): readonly ParamFault[] => {
    const at = rows.flatMap((row, index) => (of(row) === key ? [index] : []));
    const [first, ...again] = at;
    const last = again.at(-1);
    if (first === undefined || last === undefined) return [];
    const places = at.map((index) => `classes[${index}] (${rows[index]?.name ?? ''})`).join(' and ');
    return [
      {
        path: ['classes', last, what],
        other: ['classes', first, what],
        code: 'ERS_CLASS_TABLE',
        message: `Two classes have the same ${what} ${key}: ${places}.`,
        hint: `Give each class a ${what} of its own.`,
      },
    ];
  });
}
