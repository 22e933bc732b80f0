import { join } from 'node:path';
import { namesIn } from '../../cache/entries.ts';
import { ageOf } from '../../cache/leftovers.ts';
import { liveRuns } from '../../cache/live-runs.ts';
import { isTemporary } from '../../cache/temporary.ts';
import { readIfThere } from '../../cache/state-file.ts';
import { namedIn, userStagesFolder } from './entry.ts';

/** A build takes seconds; what is younger may be about to be named. ms. */
const grace = 24 * 3600 * 1000;

/**
 * Paths in `.ers/stages` of the project at `root` that nothing needs: bundles of code that was edited since, with their maps and validators, and
 * entries that are damaged. None while a run is at work, which starts the bundles that it found when it began. `now` is ms
 * since 1970.
 */
export function unnamedBundles(root: string, store: string, now: number): readonly string[] {
  if (liveRuns(store).length > 0) return [];
  const folder = userStagesFolder(root);
  const names = namesIn(folder).filter((name) => !isTemporary(name));
  const entries = new Map(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name, namedIn(readIfThere(join(folder, name)) ?? '')]),
  );
  const needed = new Set(
    [...entries].flatMap(([entry, named]) => (named === undefined ? [] : [entry, ...named])),
  );
  return names
    .filter((name) => !needed.has(name))
    .map((name) => join(folder, name))
    .filter((path) => ageOf(path, now) > grace);
}
