import { stampNow } from '../../cache/stamp.ts';
import type { PlannedStage } from '../events.ts';
import { jsonText, readIfThere } from '../../cache/state-file.ts';
import { attemptsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import type { WholeKey } from '../key/standing.ts';
import { stampDigests } from './check-inputs.ts';
import type { Stage, StageName } from '../definition/types.ts';
import type { ExactRuntime } from '../key/exact-runtime.ts';
import { stageOf } from '../key/graph.ts';
import { otherThan } from './checkpoint-runtimes.ts';
import { hasCheckpoint } from './folder.ts';
import { listPeers } from './peers.ts';

/** What attempts on a stage's key, now and before, mean for the next one; changes nothing. */
export function progressOn(
  project: Project,
  name: StageName,
  { key, inputs }: WholeKey,
): Pick<PlannedStage, 'holder' | 'checkpoint'> {
  const peers = listPeers(attemptsFolder(project)).filter((peer) => peer.key === key);
  const maker = peers.find(({ state }) => state === 'alive' || state === 'unknown');
  const left = peers.filter(
    ({ state, folder }) => (state === 'parked' || state === 'dead') && hasCheckpoint(folder),
  );
  const runtime = project.strictRuntime ? runtimeNow(project, stageOf(project.pipeline, name)) : undefined;
  // The next attempt takes one only if its inputs stand as they did, and a strict one only of its own runtime.
  const isOfUse = left.some(
    ({ folder }) =>
      readIfThere(folder.stamps) === stampsNow(inputs.known) &&
      (runtime === undefined || otherThan(folder, runtime).length === 0),
  );
  return {
    ...(maker === undefined ? {} : { holder: maker.holder }),
    ...(isOfUse ? { checkpoint: true } : {}),
  };
}

/** The exact runtime that the stage would be given; undefined where it names none, or nobody knows. */
function runtimeNow({ runtimes }: Project, { program }: Stage): ExactRuntime | undefined {
  const name = program.type === 'uses' ? program.definition.runtime : null;
  return (name === null ? undefined : runtimes[name]?.fingerprint()) ?? undefined;
}

function stampsNow(inputs: WholeKey['inputs']['known']): string {
  const stamps = Object.entries(inputs).map(([name, { path }]) => [name, stampNow(path)] as const);
  return jsonText(stampDigests(Object.fromEntries(stamps)));
}
