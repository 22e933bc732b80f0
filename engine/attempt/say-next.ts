import { namesIn } from '../../cache/entries.ts';
import { giveRights } from '../../cache/remove.ts';
import { inspectorOf } from '../definition/inspector.ts';
import type { Stage } from '../definition/types.ts';
import type { Project } from '../project/project.ts';
import type { AttemptFolder } from './folder.ts';

/** What the next run makes of the checkpoint that a crashed attempt left; undefined where there is none. */
export async function sayNext(
  project: Pick<Project, 'dist'>,
  stage: Stage,
  folder: Pick<AttemptFolder, 'checkpoint'>,
): Promise<string | undefined> {
  // A stage may have closed it to itself.
  giveRights(folder.checkpoint);
  const names = namesIn(folder.checkpoint);
  if (names.length === 0) return undefined;
  const sayStanding = (await inspectorOf(stage, project.dist))?.sayStanding;
  if (sayStanding === undefined) return 'The next ers run goes on from its checkpoint.';
  const standing = sayStanding(names);
  return standing === undefined
    ? 'It had saved nothing yet: the next ers run begins it anew.'
    : `The next ers run goes on from its checkpoint, at ${standing}.`;
}
