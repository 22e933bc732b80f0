import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { BuildError } from './compile.mjs';

/**
 * @typedef {import('../engine/user-stage/build-result.ts').BuildRequest} BuildRequest
 * @typedef {import('../base/fault.ts').Fault} Fault
 */

/** Faults of the user's file. */
export class Refusal extends Error {
  /** @param {Fault[]} faults */
  constructor(...faults) {
    super(faults.map(({ message }) => message).join('\n'));
    this.faults = faults;
  }
}

/**
 * A problem of the definition, at the field that it is about as far as the file's text shows it.
 *
 * @param {BuildRequest} request
 * @param {import('../engine/user-stage/definition.ts').DefinitionProblem} problem
 */
export async function refusal({ root, entry }, { field, message, hint }) {
  const place = placeOf(await readFile(join(root, entry), 'utf8'), field);
  return new Refusal({
    code: 'ERS_STAGE_DEFINITION',
    message,
    place: { file: entry, ...place },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Looks for the keys of `field` one after the other, behind `defineStage(`. A file that builds its definition otherwise gives none. */
function placeOf(text, field) {
  let at = Math.max(0, text.search(/\bdefineStage\s*\(/));
  /** @type {number | undefined} */
  let found = field.length === 0 ? undefined : at;
  for (const key of field) {
    const pattern = new RegExp(
      `(?<![\\w$.])(['"\`]?)${key.replace(/[^\w]/g, '\\$&')}\\1\\s*[:(,]|\\b${key.replace(/[^\w]/g, '\\$&')}\\b`,
      'g',
    );
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) break;
    found = match.index;
    at = match.index + match[0].length;
  }
  if (found === undefined || found < 0) return {};
  const before = text.slice(0, found).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Whether it is the file itself that is not there. */
export function isUnresolved(error, path) {
  return (
    error instanceof BuildError &&
    error.messages.some(({ text, location }) => location === null && text.includes(path))
  );
}

export function noWorker(entry, worker, path) {
  return new Refusal({
    code: 'ERS_STAGE_DEFINITION',
    message: `\`workers\` names \`${worker}\`, but there is no ${path}.`,
    place: { file: entry },
    hint: `Workers lie beside ${basename(entry)} and end in ${extname(entry)} too.`,
  });
}

/**
 * What the bundler says, in our words. A bug is thrown on.
 *
 * @returns {Fault[]}
 */
export function buildFaults(error, entry) {
  const bug = error.messages.find(({ detail }) => detail instanceof Error);
  if (bug !== undefined) throw bug.detail;
  if (error.messages.length === 0) throw error;
  return error.messages.map(({ text, location, notes }) => {
    const hint = notes
      .map((note) => note.text)
      .filter((note) => note !== '')
      .join(' ');
    return {
      code: 'ERS_STAGE_BUILD',
      message: /[.!?]$/.test(text) ? text : `${text}.`,
      place:
        location === null
          ? { file: entry }
          : {
              file: location.file,
              line: location.line,
              // esbuild counts bytes.
              column: Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1,
            },
      ...(hint === '' ? {} : { hint }),
    };
  });
}
