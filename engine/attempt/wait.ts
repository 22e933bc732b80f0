import { setTimeout as pause } from 'node:timers/promises';
import type { Digest } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import { standingOf } from '../standing.ts';
import type { Project } from '../project.ts';
import { livePeer, standAmong, type Peer } from './peers.ts';

const pollMs = 200;

export interface Waiting {
  readonly signal: AbortSignal;
  /** Told once, who is at work. */
  readonly onWait: (holder: string) => void;
}

/**
 * Waits while another run makes the same thing, and hands its record over. Undefined when nobody is at work on the
 * key any more without having left a result, or when `signal` is aborted.
 */
export async function waitForPeer(
  project: Project,
  attempts: string,
  key: Digest,
  options: Waiting,
): Promise<StageRecord | undefined> {
  let waited = false;
  for (;;) {
    const peer = options.signal.aborted ? undefined : livePeer(attempts, key);
    if (peer === undefined) break;
    if (!waited) options.onWait(sayHolder(peer));
    waited = true;
    await pause(pollMs);
  }
  if (!waited || options.signal.aborted) return undefined;
  const standing = await standingOf(project, key);
  return standing.type === 'intact' ? standing.record : undefined;
}

/** After an attempt's folder is in place: whether it may go on, or has to give way to another of the same moment. */
export async function waitUntilAlone(
  attempts: string,
  key: string,
  own: string,
  options: Waiting,
): Promise<'alone' | 'behind' | 'stopped'> {
  for (let waited = false; ; waited = true) {
    if (options.signal.aborted) return 'stopped';
    const stand = standAmong(attempts, key, own);
    if (stand.type !== 'ahead') return stand.type;
    if (!waited) options.onWait(sayHolder(stand.peer));
    await pause(pollMs);
  }
}

function sayHolder({ holder, state, folder }: Peer): string {
  return state === 'unknown' ? `${holder}; if that process is gone for good, remove ${folder.root}` : holder;
}
