import { setTimeout as pause } from 'node:timers/promises';
import type { Digest } from '../../base/digest.ts';
import type { StageRecord } from '../../cache/types.ts';
import { standingOf } from '../standing.ts';
import type { Project } from '../project.ts';
import { livePeer } from './peers.ts';

const pollMs = 200;

/**
 * Waits while another run makes the same thing, and hands its record over. Undefined when nobody is at work on the
 * key any more without having left a result, or when `signal` is aborted.
 */
export async function waitForPeer(
  project: Project,
  attempts: string,
  key: Digest,
  options: {
    readonly signal: AbortSignal;
    readonly onWait: (holder: string) => void;
  },
): Promise<StageRecord | undefined> {
  let waited = false;
  for (;;) {
    const peer = options.signal.aborted ? undefined : livePeer(attempts, key);
    if (peer === undefined) break;
    if (!waited) {
      const elsewhere = `; if that process is gone for good, remove ${peer.folder.root}`;
      options.onWait(`${peer.holder}${peer.state === 'unknown' ? elsewhere : ''}`);
    }
    waited = true;
    await pause(pollMs);
  }
  if (!waited || options.signal.aborted) return undefined;
  const standing = await standingOf(project, key);
  return standing.type === 'intact' ? standing.record : undefined;
}
