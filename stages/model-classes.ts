import { FaultError } from '../base/fault.ts';
import type { ClassRow } from './class-table.ts';

/** The row of a class that a trained model knows; the class table must have it. Throws ERS_CLASS_TABLE. */
export function rowOfModel(table: readonly ClassRow[], value: number): ClassRow {
  const row = table.find((candidate) => candidate.value === value);
  if (row !== undefined) return row;
  throw new FaultError({
    code: 'ERS_CLASS_TABLE',
    message: `The model knows the class value ${value}, which the class table does not have.`,
    place: { file: 'config.yaml' },
    hint: 'Put the class back, or train anew with the table as it is.',
  });
}
