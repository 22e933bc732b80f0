import { setTimeout as pause } from 'node:timers/promises';
import type { Digest } from '../../base/digest.ts';
import { livePeer, standAmong, type Peer } from './peers.ts';

const pollMs = 200;

/** Waits as long as another run makes the same thing, and `stopped` is not true. */
export async function waitForPeers(attempts: string, key: Digest, stopped: () => boolean): Promise<void> {
  while (!stopped() && livePeer(attempts, key) !== undefined) await pause(pollMs);
}

/** After an attempt's folder is in place: whether it may go on, or has to give way to another of the same moment. */
export async function waitUntilAlone(
  attempts: string,
  key: string,
  own: string,
  options: { readonly signal: AbortSignal; readonly onWait: (peer: Peer) => void },
): Promise<
  { readonly type: 'alone' } | { readonly type: 'busy'; readonly peer: Peer } | { readonly type: 'halted' }
> {
  for (let waited = false; ; waited = true) {
    if (options.signal.aborted) return { type: 'halted' };
    const stand = standAmong(attempts, key, own);
    if (stand.type === 'alone') return stand;
    if (stand.type === 'behind') return { type: 'busy', peer: stand.peer };
    if (!waited) options.onWait(stand.peer);
    await pause(pollMs);
  }
}

/** The stage of this very run that the peer is at, when another stage, `name`, waits for it: both have one key. */
export function twinOf({ isOwn, stage }: Peer, name: string): string | undefined {
  return isOwn && stage !== name ? stage : undefined;
}

/** What to do about a peer that nobody here can judge, so that it is waited for as long as its folder lies there. */
export function adviceOn({ state, folder }: Peer): string | undefined {
  if (state !== 'unknown') return undefined;
  return `whether it lives cannot be seen from here; if it is gone for good, remove ${folder.root}`;
}
