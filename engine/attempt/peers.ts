import { byCodeUnit } from '../../base/canonical.ts';
import { crashPoint } from '../../base/crash-point.ts';
import { namesIn } from '../../cache/entries.ts';
import { isReadOnly } from '../../cache/errno.ts';
import { isAlive, isSelf, parseHolder, type Holder } from '../../cache/holder.ts';
import { endOrphans } from '../../cache/orphans.ts';
import { isTemporary, sweepTemporaries } from '../../cache/temporary.ts';
import { parseJson } from '../../base/parse-json.ts';
import { readIfThere } from '../../cache/state-file.ts';
import { groupOf } from './group.ts';
import { attemptFolder, parkAttempt, removeAttempt, type AttemptFolder } from './folder.ts';
import { startOf } from './id.ts';

/** What lies in the attempts folder beside one's own. */
export interface Peer {
  readonly id: string;
  readonly folder: AttemptFolder;
  /** Undefined for one that died before its job was written. */
  readonly key: string | undefined;
  /** What it makes, as far as its job says. */
  readonly stage: string | undefined;
  /** This very process is at it. */
  readonly isOwn: boolean;
  /**
   * `parked`: it ended and left a checkpoint. `unknown`: its engine runs elsewhere and cannot be judged. `damaged`:
   * nobody can tell whose it was.
   */
  readonly state: 'alive' | 'unknown' | 'dead' | 'parked' | 'damaged';
  /** Process, host and since when, for a message. */
  readonly holder: string;
}

/** Every attempt in the folder, sorted by id, which is oldest first. */
export function listPeers(attempts: string): readonly Peer[] {
  return namesIn(attempts)
    .filter((name) => !isTemporary(name))
    .map((id) => {
      const folder = attemptFolder(attempts, id);
      const job = parseJson(readIfMay(folder.job) ?? '');
      const held = readIfMay(folder.holder);
      const holder = parseHolder(parseJson(held ?? ''));
      const told = typeof job === 'object' && job !== null ? job : {};
      const [key, stage] = ['key' in told ? told.key : undefined, 'stage' in told ? told.stage : undefined];
      return {
        id,
        folder,
        key: typeof key === 'string' ? key : undefined,
        stage: typeof stage === 'string' ? stage : undefined,
        isOwn: holder !== undefined && isSelf(holder),
        state: stateOf(held, holder),
        holder: holder === undefined ? '' : `${sayHolder(holder)}${saySince(id)}`,
      };
    });
}

function stateOf(held: string | null | undefined, holder: Holder | undefined): Peer['state'] {
  if (held === null) return 'unknown';
  if (held === undefined) return 'parked';
  return holder === undefined ? 'damaged' : isAlive(holder);
}

/** Null for what another user has closed to this one. */
function readIfMay(path: string): string | null | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return null;
  }
}

function sayHolder({ pid, host }: Holder): string {
  return `process ${pid} on ${host.split(':')[0] ?? ''}`;
}

/** `since 2026-11-23 06:41:05 UTC`. */
function saySince(id: string): string {
  const start = startOf(id);
  if (start === undefined) return '';
  return ` since ${new Date(start).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The oldest attempt on a key that may still be at work, `own` excepted. */
export function livePeer(attempts: string, key: string, own?: string): Peer | undefined {
  return listPeers(attempts).find(
    (peer) => peer.key === key && peer.id !== own && (peer.state === 'alive' || peer.state === 'unknown'),
  );
}

/**
 * What an attempt whose folder lies there has to do about the others on its key. `alone`: go on. `behind` an older one:
 * give way. `ahead` of a younger one: it gives way as soon as it looks, unless it looked before this folder was there
 * and is at work; so keep the folder and look again.
 *
 * At most one attempt finds itself alone: each looks after its own folder was renamed into place, so of two at least
 * one sees the other (Dekker's rule), and one that sees another does not go on.
 */
export function standAmong(
  attempts: string,
  key: string,
  own: string,
): { readonly type: 'alone' } | { readonly type: 'behind' | 'ahead'; readonly peer: Peer } {
  const peer = livePeer(attempts, key, own);
  if (peer === undefined) return { type: 'alone' };
  return { type: byCodeUnit(peer.id, own) < 0 ? 'behind' : 'ahead', peer };
}

/**
 * Ends what dead engines left running, and keeps of their attempts only checkpoints. Those elsewhere are not judged, and
 * one whose processes cannot be ended stays as it is: they reach nothing else, and nobody takes its checkpoint.
 */
export async function sweepAttempts(attempts: string): Promise<void> {
  sweepTemporaries(attempts);
  for (const peer of listPeers(attempts)) {
    if (peer.state === 'dead' || peer.state === 'damaged') {
      const left = await endOrphans(peer.id, groupOf(peer.folder));
      crashPoint('sweep:ended');
      if (left.length > 0) continue;
    }
    try {
      putAway(peer);
    } catch (error) {
      // Another user's, in a shared store: that one's next run does it.
      if (!isReadOnly(error)) throw error;
    }
  }
}

function putAway({ folder, key, state }: Peer): void {
  // A checkpoint without a key is of use to nobody, and of one whose holder is damaged nobody knows who writes to it.
  if (state === 'damaged' || (state !== 'alive' && state !== 'unknown' && key === undefined)) {
    removeAttempt(folder);
  } else if (state === 'dead') parkAttempt(folder);
}
