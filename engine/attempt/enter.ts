import { dirname, join } from 'node:path';
import { crashPoint } from '../../base/crash-point.ts';
import { describeSelf, sealHolder } from '../../cache/holder.ts';
import { attemptsFolder, logsFolder } from '../project/layout.ts';
import type { Project } from '../project/project.ts';
import { standingOf } from '../key/standing.ts';
import type { AttemptEnd, AttemptRequest } from './request.ts';
import { bundlesOf } from './check-code.ts';
import { sayFacts } from '../key/exact-runtime.ts';
import { noteRuntimes } from './checkpoint-runtimes.ts';
import { copyInputs } from './copy-inputs.ts';
import { stampDigests, stampInputs, type Stamps } from './check-inputs.ts';
import { attemptFolder, createAttempt, removeAttempt, writeStamps, type AttemptFolder } from './folder.ts';
import { newAttemptId } from './id.ts';
import type { Job } from './job.ts';
import { livePeer, sweepAttempts } from './peers.ts';
import { dropCheckpoints, takeCheckpoint } from './take-checkpoint.ts';
import { waitUntilAlone } from './wait.ts';

/** The folder that is now the claim on the key, or why there is none. */
export type Entered =
  | {
      readonly type: 'entered';
      readonly folder: AttemptFolder;
      readonly job: Job;
      readonly stamps: Stamps;
      readonly resumed: boolean;
    }
  | Extract<AttemptEnd, { type: 'reused' | 'busy' | 'halted' | 'outdated' }>;

/** Takes the key's place, if no other attempt has it: makes the folder, and takes over what dead ones left. */
export async function enter(project: Project, request: AttemptRequest): Promise<Entered> {
  const { stage, key, wait } = request;
  const attempts = attemptsFolder(project);
  const peer = wait ? livePeer(attempts, key) : undefined;
  if (peer !== undefined) return { type: 'busy', peer };
  await sweepAttempts(attempts);
  const id = newAttemptId(project.now());
  const job = jobOf(project, request, attemptFolder(attempts, id), id);
  const inputs = Object.fromEntries(
    Object.entries(request.keyed.inputs.known).map(([name, { path }]) => [name, path]),
  );
  const folder = createAttempt(attempts, stage, job, { ...sealHolder(describeSelf(id)) }, inputs);
  try {
    const entered = await settleIn(project, request, folder, job);
    if (entered.type !== 'entered') removeAttempt(folder);
    return entered;
  } catch (error) {
    removeAttempt(folder);
    throw error;
  }
}

/** The folder is in its place, where other runs see it. */
async function settleIn(
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  job: Job,
): Promise<Entered> {
  const { stage, key, counts, wait, dropCheckpoint, signal, onWait } = request;
  const attempts = attemptsFolder(project);
  if (wait) {
    // Two runs may have come here at once: one goes on, the other waits for it.
    const turn = await waitUntilAlone(attempts, key, job.attempt, { signal, onWait });
    if (turn.type !== 'alone') return turn;
  }
  crashPoint('attempt:alone');
  // Another run may have ended between this stage's plan and now.
  const standing = await standingOf(project, stage.name, key);
  if (standing.type === 'intact' && counts(standing.record))
    return { type: 'reused', record: standing.record };
  if (dropCheckpoint) dropCheckpoints(attempts, key);
  const stamped = await stampInputs(project, stage, request.keyed);
  if ('outdated' in stamped) return { type: 'outdated', source: stamped.outdated };
  const { stamps } = stamped;
  const outdated = copyInputs(stage, folder, request.keyed);
  if (outdated !== undefined) return { type: 'outdated', source: outdated };
  writeStamps(folder, stampDigests(stamps));
  const runtime = request.runtime?.fingerprint;
  if (runtime !== undefined) noteRuntimes(folder, runtime);
  const taken = takeCheckpoint(attempts, key, folder, { runtime, strict: project.strictRuntime });
  if (taken.type === 'dropped') {
    request.onNotice('its checkpoint is dropped, because inputs were touched meanwhile');
  }
  if (taken.type === 'other') {
    const [before, after] = [sayFacts(taken.changes, 'before'), sayFacts(taken.changes, 'after')];
    request.onNotice(
      `its checkpoint was made with ${before}, here it would be ${after}: --strict-runtime does not go on from it, but begins anew`,
    );
  }
  return { type: 'entered', folder, job, stamps, resumed: taken.type === 'taken' };
}

function jobOf(project: Project, request: AttemptRequest, folder: AttemptFolder, id: string): Job {
  const { stage, key, keyed, cores, runtime } = request;
  const { program } = stage;
  const { run: bundle = null, ...workers } =
    program.type === 'uses' ? bundlesOf(program.definition, dirname(project.dist)) : {};
  const paths = (names: readonly string[], path: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [name, path(name)]));
  return {
    version: 1,
    attempt: id,
    stage: stage.name,
    key,
    bundle,
    workers,
    params: stage.params,
    // Members of a matrix that are read together lie in one folder: `models/lr-0.001` is in `models`.
    deps: paths(
      Object.keys(keyed.inputs.known).map((name) => name.split('/')[0] ?? name),
      (name) => join(folder.deps, name),
    ),
    outs: paths(Object.keys(stage.outs), (name) => join(folder.outs, stage.outs[name]?.path ?? '')),
    checkpoint: folder.checkpoint,
    checkpointEvery: stage.checkpoint,
    // What is made only to be compared is not to be seen beside the result.
    logs:
      project.rehearsal?.stage === stage.name
        ? join(folder.tmp, 'logs')
        : logsFolder(project, stage.name, key),
    tmp: folder.tmp,
    cores,
    ...(program.type === 'uses' && program.definition.user !== undefined
      ? { user: program.definition.user }
      : {}),
    runtime: runtime?.dir ?? null,
  };
}
