import { readFileSync, statSync } from 'node:fs';
import { fail } from '../../base/fault.ts';
import type { Place, Result } from '../../base/fault.ts';
import { asSystemError, sayErrno } from '../../base/system-error.ts';
import type { Located } from './located.ts';
import { parseYaml } from './parse-yaml.ts';
import { maxBytes } from './yaml-limits.ts';

/**
 * Reads and parses a YAML file. `shown` is its name in messages; `asked` is the place that names it, if there is one.
 * A missing file, a folder, an unreadable, huge or non-text file are faults.
 */
export function readYaml(
  file: string,
  shown: string,
  what: { readonly missing: string; readonly hint: string; readonly asked?: Place },
): Result<Located> {
  const place = what.asked ?? { file: shown };
  try {
    return readThere(file, shown, place, what);
  } catch (error) {
    const system = asSystemError(error);
    if (system === undefined) throw error;
    const message = `${shown} cannot be read: ${sayErrno(system.code)}.`;
    return fail({
      code: 'ERS_USAGE',
      message,
      place,
      hint: `Check its rights and its folder's: ls -l ${shown}`,
    });
  }
}

function readThere(
  file: string,
  shown: string,
  place: Place,
  what: { readonly missing: string; readonly hint: string },
): Result<Located> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return fail({ code: 'ERS_USAGE', message: what.missing, place, hint: what.hint });
  if (!stat.isFile()) {
    return fail({ code: 'ERS_USAGE', message: `Expected ${shown} to be a file.`, place, hint: what.hint });
  }
  if (stat.size > maxBytes) {
    return fail({
      code: 'ERS_YAML',
      message: `${shown} has ${stat.size} bytes: a YAML file may have ${maxBytes}.`,
      place: { file: shown },
    });
  }
  return parseBytes(readFileSync(file), shown);
}

/** `parseYaml` of what a file holds; a fault if it is no UTF-8. */
export function parseBytes(bytes: Uint8Array, shown: string): Result<Located> {
  try {
    return parseYaml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), shown);
  } catch (error) {
    if (
      !(error instanceof TypeError) ||
      !('code' in error) ||
      error.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA'
    ) {
      throw error;
    }
    return fail({
      code: 'ERS_YAML',
      message: `${shown} is not UTF-8 text.`,
      place: { file: shown },
      hint: 'Save it as UTF-8.',
    });
  }
}
