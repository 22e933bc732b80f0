import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Fault, Place } from '../../base/fault.ts';
import type { Project } from './project.ts';
import { asSystemError } from '../../base/system-error.ts';
import { sayPath } from './say-path.ts';

/**
 * An input that holds what ers itself writes would change with every run, and hold itself. `shown` is the input as the
 * pipeline names it, `path` is where it lies, absolute.
 */
export function holdsOwnFolders(
  project: Project,
  path: string,
  shown: string,
  place: Place,
): Fault | undefined {
  const { root } = project.pipeline;
  const own = [join(root, '.ers'), project.store.root, join(root, 'artifacts')];
  const input = realPath(path);
  const held = own.find((folder) => holds(path, folder) || holds(input, realPath(folder)));
  if (held === undefined) return liesInside(project, own, input, shown, place);
  return {
    code: 'ERS_INPUT_KIND',
    message: `The input ${shown} holds ${sayPath(root, held)}, where ers keeps what it makes: it would change with every run.`,
    place,
    hint: 'Move the data into a folder of its own, such as data/, and name that.',
  };
}

/** What ers made is read as a stage's out: by its path it would be an input that nobody makes anew. */
function liesInside(
  { pipeline: { root } }: Project,
  own: readonly string[],
  input: string,
  shown: string,
  place: Place,
): Fault | undefined {
  const home = own.find((folder) => holds(realPath(folder), input) || holds(folder, join(root, shown)));
  if (home === undefined) return undefined;
  const [top, stage = 'STAGE'] = shown.split('/');
  return {
    code: 'ERS_INPUT_KIND',
    message: `The input ${shown} lies among what ers makes: as a path it would follow no stage.`,
    place,
    hint: `Name the out of the stage that makes it, ${top === 'artifacts' ? stage : 'STAGE'}:OUT.`,
  };
}

function holds(folder: string, inner: string): boolean {
  return inner === folder || inner.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** Without links; of a path that leads nowhere, the path itself. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // What stands in the way is told when the input is read.
    if (asSystemError(error) === undefined) throw error;
    return path;
  }
}
