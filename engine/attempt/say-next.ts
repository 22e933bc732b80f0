import { namesIn } from '../../cache/entries.ts';
import { inspectorOf } from '../definition/inspector.ts';
import type { Stage } from '../definition/types.ts';
import type { Project } from '../project/project.ts';
import type { AttemptFolder } from './folder.ts';

/** What the next run makes of what an attempt left that did not end by its own word. */
export async function sayNext(
  project: Pick<Project, 'dist'>,
  stage: Stage,
  folder: Pick<AttemptFolder, 'checkpoint'>,
): Promise<string> {
  const names = namesIn(folder.checkpoint);
  if (names.length === 0) return 'The next ers run begins it anew.';
  const sayStanding = (await inspectorOf(stage, project.dist))?.sayStanding;
  if (sayStanding === undefined) return 'The next ers run goes on from its checkpoint.';
  const standing = sayStanding(names);
  return standing === undefined
    ? 'It had saved nothing yet: the next ers run begins it anew.'
    : `The next ers run goes on from its checkpoint, at ${standing}.`;
}
