import { collect } from '../../cache/gc.ts';
import { removeLeftovers, storeLeftovers } from '../../cache/leftovers.ts';
import { sweepAttempts } from '../../engine/attempt/peers.ts';
import { keptResults, projectLeftovers } from '../../engine/project/housekeeping.ts';
import { attemptsFolder } from '../../engine/project/layout.ts';
import type { Project } from '../../engine/project/project.ts';

/** What `ers gc` does; `maxAge` in ms. */
export async function tidy(project: Project, maxAge: number): Promise<void> {
  const { root } = project.store;
  const now = Date.now();
  const done = collect(root, {
    ...{ project: project.pipeline.root, dry: false, now },
    ...{ maxBytes: 50e9, maxAge, keep: keptResults(project.pipeline) },
  });
  if (!done.ok) throw new Error(JSON.stringify(done.faults));
  await sweepAttempts(attemptsFolder(project));
  removeLeftovers(root, [...storeLeftovers(root, now), ...projectLeftovers(project, now)]);
}
