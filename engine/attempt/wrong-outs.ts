import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../base/fault.ts';
import { closest } from '../../base/suggest.ts';
import { asSystemError } from '../../base/system-error.ts';
import { namesIn } from '../../cache/entries.ts';
import { osPath, sayName } from '../../cache/names.ts';
import type { Stage } from '../definition/types.ts';
import type { AttemptFolder } from './folder.ts';
import { undeclaredFault, undeclaredPaths } from './undeclared.ts';

/** How many names one hint holds. */
const told = 3;

/**
 * What is wrong with a finished stage's `outs/` at first sight: an out that is not there (ERS_OUT_MISSING), with what
 * the stage wrote instead, and what no out declares (ERS_OUT_UNDECLARED). All at once, since a stage may take hours.
 */
export function wrongOuts(stage: Stage, folder: AttemptFolder): readonly Fault[] {
  const missing = Object.entries(stage.outs).filter(
    ([, { path }]) => lstatSync(osPath(join(folder.outs, path)), { throwIfNoEntry: false }) === undefined,
  );
  const undeclared = undeclaredPaths(stage, folder.outs);
  const slips = new Map(missing.map(([name, { path }]) => [name, closest(path, undeclared)]));
  const others = undeclared.filter((path) => ![...slips.values()].includes(path));
  const work = strays(folder);
  return [
    ...missing.map(([name, { path, kind, place }]): Fault => {
      const what = kind === 'any' ? 'file or folder' : kind;
      const where = stage.program.type === 'command' ? `{outs.${name}}` : `context.outs.${name}`;
      return {
        code: 'ERS_OUT_MISSING',
        message: `${stage.name} did not write its out \`${name}\`: expected a ${what} at ${where} (outs/${path}); nothing was recorded.`,
        place,
        hint: `${instead(where, slips.get(name), others, work)} What it printed is in ${stage.name}.log, in the newest folder of .ers/runs.`,
      };
    }),
    ...others.slice(0, told).map((path) => undeclaredFault(stage, path)),
  ];
}

/** What a program left in its working folder, if it can still be looked into. */
function strays({ work }: AttemptFolder): readonly string[] {
  try {
    return namesIn(work);
  } catch (error) {
    if (asSystemError(error) === undefined) throw error;
    return [];
  }
}

function instead(
  where: string,
  slip: string | undefined,
  others: readonly string[],
  work: readonly string[],
): string {
  if (slip !== undefined) return `It wrote ${sayName(`outs/${slip}`)}: is that misspelt?`;
  if (others.length > 0) return `It wrote ${sayFew(others.map((path) => `outs/${path}`))} instead.`;
  if (work.length > 0) {
    return `It wrote ${sayFew(work)} into its working folder, which is thrown away: have it write to ${where}.`;
  }
  return 'Have it write that, or take the out from its `outs:`.';
}

function sayFew(names: readonly string[]): string {
  const few = names.slice(0, told).map(sayName).join(', ');
  return names.length > told ? `${few} and ${names.length - told} more` : few;
}
