import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../base/fault.ts';
import { namesIn } from '../../cache/listing.ts';
import { osPath, sayName } from '../../cache/names.ts';
import { closest } from '../../base/suggest.ts';
import type { Stage } from '../definition/types.ts';

/**
 * Paths in a finished stage's `outs/` that belong to no declared out: they would be lost without a word, be it a misspelt
 * name or a result that somebody will look for.
 */
export function undeclaredPaths(stage: Stage, outs: string): readonly string[] {
  // Where the stage took its `outs/` away, every out is missing.
  if (lstatSync(outs, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const declared = Object.values(stage.outs).map(({ path }) => path);
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const name of namesIn(join(outs, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (declared.includes(path)) continue;
      const isOnTheWay = declared.some((out) => out.startsWith(`${path}/`));
      if (isOnTheWay && lstatSync(osPath(join(outs, path))).isDirectory()) visit(path);
      else found.push(path);
    }
  };
  visit('');
  return found;
}

/** That such a path is there. */
export function undeclaredFault(stage: Stage, path: string): Fault {
  const meant = closest(
    path,
    Object.values(stage.outs).map((out) => out.path),
  );
  return {
    code: 'ERS_OUT_UNDECLARED',
    message: `${stage.name} wrote ${sayName(path)} beside its outs, and no out declares it; nothing was recorded.`,
    place: stage.place,
    hint:
      meant === undefined
        ? 'Declare it in outs, or let the stage write it to TMPDIR.'
        : `Its out is ${meant}: did the stage misspell it?`,
  };
}
