import type { Digest } from '../../base/digest.ts';
import type { PlannedStage } from '../events.ts';
import { attemptsFolder } from '../layout.ts';
import type { Project } from '../project.ts';
import { hasCheckpoint } from './folder.ts';
import { listPeers } from './peers.ts';

/** What attempts on a key, now and before, mean for the next one; changes nothing. */
export function progressOn(project: Project, key: Digest): Pick<PlannedStage, 'holder' | 'checkpoint'> {
  const peers = listPeers(attemptsFolder(project)).filter((peer) => peer.key === key);
  const maker = peers.find(({ state }) => state === 'alive' || state === 'unknown');
  const left = peers.some(
    ({ state, folder }) => (state === 'parked' || state === 'dead') && hasCheckpoint(folder),
  );
  return { ...(maker === undefined ? {} : { holder: maker.holder }), ...(left ? { checkpoint: true } : {}) };
}
