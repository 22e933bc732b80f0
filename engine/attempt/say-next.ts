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
  if (namesIn(folder.checkpoint).length === 0) return undefined;
  const sayStanding = (await inspectorOf(stage, project.dist))?.sayStanding;
  if (sayStanding === undefined) return 'The next ers run goes on from its checkpoint.';
  const standing = await sayStanding(folder.checkpoint, stage.params);
  return standing === undefined
    ? 'What it had saved cannot be read: the next ers run begins it anew.'
    : `The next ers run goes on from its checkpoint, ${standing}.`;
}
