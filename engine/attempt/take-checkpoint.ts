import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { crashPoint } from '../../base/crash-point.ts';
import { isExisting, isMissing } from '../../cache/errno.ts';
import { readIfThere } from '../../cache/state-file.ts';
import type { ExactRuntime, RuntimeChange } from '../key/exact-runtime.ts';
import { noteRuntimes, otherThan } from './checkpoint-runtimes.ts';
import { hasCheckpoint, removeAttempt, type AttemptFolder } from './folder.ts';
import { listPeers } from './peers.ts';

/** What became of the checkpoints of earlier attempts on a key. */
export type Taking =
  | { readonly type: 'taken' | 'none' }
  /** There were some, but their inputs have been touched since they were begun, so that nobody knows what they were made of. */
  | { readonly type: 'dropped' }
  /** There is one of another exact runtime, which was not to be taken. It stays. */
  | { readonly type: 'other'; readonly changes: readonly RuntimeChange[] };

/**
 * Moves the newest parked checkpoint of a key into a new attempt, by one rename. `runtime` is that of the new attempt;
 * `strict`: one that another had a hand in is left where it is, and what is begun anew stands beside it. A run that is not
 * strict goes on from the earlier work and leaves what stands beside it, so that who tries the option, and stops, has lost nothing.
 */
export function takeCheckpoint(
  attempts: string,
  key: string,
  into: AttemptFolder,
  { runtime, strict }: { readonly runtime: ExactRuntime | undefined; readonly strict: boolean },
): Taking {
  const stamps = readIfThere(into.stamps);
  let result: Taking = { type: 'none' };
  for (const folder of inOrder(parked(attempts, key), strict)) {
    const isWhole = hasCheckpoint(folder);
    const isOfUse = isWhole && readIfThere(folder.stamps) === stamps;
    const isTaken = result.type === 'taken';
    const changes = isOfUse && strict && runtime !== undefined ? otherThan(folder, runtime) : [];
    if (changes.length > 0 || (isOfUse && isTaken && isBeside(folder))) {
      if (!isTaken) result = { type: 'other', changes };
      continue;
    }
    if (isWhole && !isTaken) {
      if (!isOfUse) result = { type: 'dropped' };
      else if (takeOver(folder, into, { runtime, strict })) result = { type: 'taken' };
      crashPoint('checkpoint:taken');
    }
    removeAttempt(folder);
  }
  if (result.type === 'other') noteBeside(into);
  return result;
}

/** Forgets what earlier attempts on a key left: `--force` begins anew. */
export function dropCheckpoints(attempts: string, key: string): void {
  for (const folder of parked(attempts, key)) removeAttempt(folder);
}

/** Newest first; in a run that is not strict what stands beside earlier work last. */
function inOrder(folders: readonly AttemptFolder[], strict: boolean): readonly AttemptFolder[] {
  const newest = folders.toReversed();
  if (strict) return newest;
  return [...newest.filter((folder) => !isBeside(folder)), ...newest.filter(isBeside)];
}

/** Oldest first. */
function parked(attempts: string, key: string): readonly AttemptFolder[] {
  return listPeers(attempts)
    .filter((peer) => peer.key === key && peer.state === 'parked')
    .map(({ folder }) => folder);
}

/** False if another attempt was quicker. What is known of the checkpoint lies there ahead of it. */
function takeOver(
  from: AttemptFolder,
  into: AttemptFolder,
  { runtime, strict }: { readonly runtime: ExactRuntime | undefined; readonly strict: boolean },
): boolean {
  if (runtime !== undefined) noteRuntimes(into, runtime, from);
  if (strict && isBeside(from)) noteBeside(into);
  return move(from.checkpoint, into.checkpoint);
}

function isBeside({ beside }: AttemptFolder): boolean {
  return existsSync(beside);
}

function noteBeside({ beside }: AttemptFolder): void {
  writeFileSync(beside, '');
}

/** Onto an empty folder. False if another attempt was quicker. */
function move(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error) || isExisting(error)) return false;
    throw error;
  }
}
