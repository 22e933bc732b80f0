import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '../base/fault.ts';

const name = 'pipeline.yaml';

/** The file given, or the nearest `pipeline.yaml` in `cwd` and the folders above it; absolute. */
export function findPipeline(cwd: string, given?: string): Result<string> {
  if (given !== undefined) {
    const file = resolve(cwd, given);
    return existsSync(file)
      ? ok(file)
      : fail({ code: 'ERS_USAGE', message: `There is no file ${given}.`, hint: 'Check --file.' });
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return ok(file);
    if (folder === dirname(folder)) break;
  }
  // Node gives U+FFFD for bytes of a name that are no UTF-8, and such a path leads nowhere.
  if (cwd.includes('\uFFFD') && !existsSync(cwd)) {
    return fail({
      code: 'ERS_USAGE',
      message: `The path of this folder is not UTF-8 (${cwd}), so that ers cannot open what lies in it.`,
      hint: 'Rename the folder whose name has \uFFFD here.',
    });
  }
  return fail({
    code: 'ERS_USAGE',
    message: `There is no ${name} in ${cwd} or in a folder above it.`,
    hint: 'Go to your project, or name the file with --file.',
  });
}
