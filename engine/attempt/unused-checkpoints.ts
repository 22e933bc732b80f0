import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, isExhausted } from '../../cache/errno.ts';
import { ageOf, leftoverAt, type Leftover } from '../../cache/leftovers.ts';
import { liveRuns } from '../../cache/live-runs.ts';
import { attemptsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import { hasCheckpoint, removeAttempt } from './folder.ts';
import { listPeers, type Peer } from './peers.ts';

/**
 * Attempts that ended with a checkpoint which no run has asked for in `maxAge` ms: one that does takes it over. The age
 * counts from the attempt's start or from what the stage wrote last, whichever is later. `now` is ms since 1970.
 */
export function unusedCheckpoints(project: Project, now: number, maxAge: number): readonly Peer[] {
  const wanted = new Set<string>(liveRuns(project.store.root).flatMap((run) => run.keys));
  return listPeers(attemptsFolder(project)).filter(
    (peer) =>
      peer.state === 'parked' &&
      hasCheckpoint(peer.folder) &&
      !wanted.has(peer.key ?? '') &&
      sinceWritten(peer, now) > maxAge,
  );
}

/** Each by one rename, so that a run takes a checkpoint whole or not at all. */
export function removeCheckpoints(peers: readonly Peer[]): readonly Leftover[] {
  const sized = sizesOf(peers);
  for (const { folder } of peers) removeAttempt(folder);
  return sized;
}

export function sizesOf(peers: readonly Peer[]): readonly Leftover[] {
  return peers.map(({ folder }) => leftoverAt(folder.root));
}

function sinceWritten({ folder }: Peer, now: number): number {
  const written = namesBelow(folder.checkpoint).map((name) => join(folder.checkpoint, name));
  return [folder.job, folder.checkpoint, ...written].reduce(
    (least, path) => Math.min(least, ageOf(path, now)),
    Infinity,
  );
}

function namesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    // A run took it over just now: its folder, which is gone, has the age 0. Or its stage closed a folder in it.
    if (errnoOf(error) === undefined || isExhausted(error)) throw error;
    return [];
  }
}
