import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './errno.ts';
import { isAlive, parseHolder } from './holder.ts';
import { namesIn, sizeBelow } from './inventory.ts';
import { liveRuns } from './live-runs.ts';

/** Something that no result needs. */
export interface Leftover {
  readonly path: string;
  readonly bytes: number;
}

const day = 24 * 3600 * 1000;

/**
 * Of a store: what dead writers left in `incoming/`, damaged trees older than 7 days, ended attempts without a
 * checkpoint. `now` is ms since 1970.
 */
export function storeLeftovers(root: string, now: number): readonly Leftover[] {
  const inside = (folder: string): readonly string[] =>
    namesIn(join(root, folder)).map((name) => join(root, folder, name));
  const paths = [
    ...inside('incoming').filter(isOfTheDead),
    ...inside('quarantine').filter((path) => ageOf(path, now) > 7 * day),
    // A new attempt gets its holder within a moment.
    ...inside('attempts').filter(
      (path) =>
        !isThere(join(path, 'holder.json')) &&
        namesIn(join(path, 'checkpoint')).length === 0 &&
        ageOf(path, now) > day,
    ),
  ];
  return paths.map((path) => ({ path, bytes: sizeBelow(path).bytes }));
}

/** Removes them, and the files of runs that died. */
export function removeLeftovers(root: string, leftovers: readonly Leftover[]): void {
  liveRuns(root, 'sweep');
  for (const { path } of leftovers) rmSync(path, { recursive: true, force: true });
}

/** ms since it changed; 0 if it is gone. A damaged tree keeps its own times, but a rename stamps the ctime. */
export function ageOf(path: string, now: number): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : now - Math.max(stats.ctimeMs, stats.mtimeMs);
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isOfTheDead(workspace: string): boolean {
  try {
    const holder = parseHolder(JSON.parse(readFileSync(join(workspace, 'holder.json'), 'utf8')));
    return holder !== undefined && isAlive(holder) === 'dead';
  } catch (error) {
    if (!(error instanceof SyntaxError) && errnoOf(error) === undefined) throw error;
    return false;
  }
}
