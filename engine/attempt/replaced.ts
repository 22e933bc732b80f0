import { lstatSync } from 'node:fs';
import type { Fault } from '../../base/fault.ts';
import type { Stage } from '../definition/types.ts';
import type { AttemptFolder } from './folder.ts';

/**
 * A stage may have put a link in the place of its `outs/`, or of the attempt's whole folder. What lies there is then not
 * the stage's: to store it would rename the user's own files out of their place. A folder that is gone is no fault here:
 * every out is missing then.
 */
export function replacedFolders(stage: Stage, { root, outs }: AttemptFolder): readonly Fault[] {
  const replaced = [root, outs].find((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && !stats.isDirectory();
  });
  if (replaced === undefined) return [];
  return [
    {
      code: 'ERS_OUT_KIND',
      message: `${stage.name} replaced the folder ${replaced === outs ? 'of its outs' : 'of its attempt'} by something else; nothing was recorded.`,
      place: stage.place,
      hint: 'Let it write into that folder, {outs.NAME}, instead of linking it to another place.',
    },
  ];
}
