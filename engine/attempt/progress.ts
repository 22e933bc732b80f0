import { stampNow } from '../../cache/stamp.ts';
import type { PlannedStage } from '../events.ts';
import { jsonText, readIfThere } from '../../cache/state-file.ts';
import { attemptsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { WholeKey } from '../key/standing.ts';
import { stampDigests } from './check-inputs.ts';
import { hasCheckpoint } from './folder.ts';
import { listPeers } from './peers.ts';

/** What attempts on a key, now and before, mean for the next one; changes nothing. */
export function progressOn(
  project: Project,
  { key, inputs }: WholeKey,
): Pick<PlannedStage, 'holder' | 'checkpoint'> {
  const peers = listPeers(attemptsFolder(project)).filter((peer) => peer.key === key);
  const maker = peers.find(({ state }) => state === 'alive' || state === 'unknown');
  const left = peers.filter(
    ({ state, folder }) => (state === 'parked' || state === 'dead') && hasCheckpoint(folder),
  );
  // The next attempt takes one only if its inputs stand as they did.
  const isOfUse = left.some(({ folder }) => readIfThere(folder.stamps) === stampsNow(inputs.known));
  return {
    ...(maker === undefined ? {} : { holder: maker.holder }),
    ...(isOfUse ? { checkpoint: true } : {}),
  };
}

function stampsNow(inputs: WholeKey['inputs']['known']): string {
  const stamps = Object.entries(inputs).map(([name, { path }]) => [name, stampNow(path)] as const);
  return jsonText(stampDigests(Object.fromEntries(stamps)));
}
