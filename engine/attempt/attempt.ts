import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { crashPoint } from '../../base/crash-point.ts';
import type { Digest } from '../../base/digest.ts';
import { FaultError, type Fault, type Result } from '../../base/fault.ts';
import { isFull, readOnlyFault } from '../../cache/errno.ts';
import { describeSelf } from '../../cache/holder.ts';
import { endOrphans } from '../../cache/orphans.ts';
import type { StageRecord } from '../../cache/types.ts';
import type { Stage } from '../definition/types.ts';
import type { StagePhase } from '../events.ts';
import { keepInputLists } from '../input-lists.ts';
import type { RecordOf } from '../inputs.ts';
import { attemptsFolder } from '../layout.ts';
import type { Project } from '../project.ts';
import type { ReadyRuntime } from '../runtime-provider.ts';
import type { StageEvent } from '../stage.ts';
import { standingOf, type Keyed } from '../standing.ts';
import { changedInputs, stampDigests, stampInputs, type Stamps } from './check-inputs.ts';
import { commandLine, type CommandLine } from './command.ts';
import { stageEnvironment } from './environment.ts';
import {
  attemptFolder,
  createAttempt,
  hasCheckpoint,
  parkAttempt,
  removeAttempt,
  writeStamps,
  type AttemptFolder,
} from './folder.ts';
import type { Job } from './job.ts';
import { diskFull, judge, type Judgement } from './judge.ts';
import { dropCheckpoints, sweepAttempts, takeCheckpoint } from './peers.ts';
import { runProcess, type Ended, type OnLine } from './process.ts';
import { publish } from './publish.ts';
import { tailEvents } from './tail-events.ts';
import { undeclaredOuts } from './undeclared.ts';
import { waitForPeer, waitUntilAlone } from './wait.ts';

/** How often the stage's events are read, ms. */
const tailMs = 100;
/** How long what left the stage's process group may take to end, ms. */
const orphanGraceMs = 300;

export interface AttemptRequest {
  readonly stage: Stage;
  readonly key: Digest;
  readonly keyed: Keyed;
  readonly recordOf: RecordOf;
  /** Begins anew: no checkpoint, and no result of another run. */
  readonly force: boolean;
  readonly cores: number;
  readonly runtime: ReadyRuntime | undefined;
  /** GPUs that are its own while it runs; null: nobody says to it which there are. */
  readonly gpus: readonly string[] | null;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: StagePhase) => void;
  readonly onWait: (holder: string) => void;
  readonly onStart: (attempt: string, resumed: boolean) => void;
  readonly onLine: OnLine;
  readonly onEvent: (event: StageEvent) => void;
  readonly onNotice: (text: string) => void;
}

/** `Made` is what became of the outs: a record, unless somebody only wanted to look at them. */
export type AttemptEnd<Made = StageRecord> =
  | { readonly type: 'made'; readonly record: Made }
  /** Another run made it meanwhile. */
  | { readonly type: 'reused'; readonly record: StageRecord }
  | { readonly type: 'failed'; readonly faults: readonly Fault[] }
  | { readonly type: 'stopped'; readonly checkpoint: boolean };

/** Takes the outs that a stage left in its folder. Throws the store's `FaultError`s. */
export type Deliver<Made> = (
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  attempt: string,
  started: number,
) => Promise<Result<Made>>;

/** Makes a stage once: a folder of its own, a process in it, and a record if all went well. */
export function attemptStage(project: Project, request: AttemptRequest): Promise<AttemptEnd> {
  return attemptWith(project, request, publish);
}

/** The same, with another end than a record. */
export async function attemptWith<Made>(
  project: Project,
  request: AttemptRequest,
  deliver: Deliver<Made>,
): Promise<AttemptEnd<Made>> {
  if (project.store.readOnly) return { type: 'failed', faults: [readOnlyFault(project.store.root)] };
  const entered = await enter(project, request);
  if (entered.type !== 'entered') return entered;
  const { folder, job, stamps, resumed } = entered;
  // Whatever ends this attempt unforeseen, a full disk for instance, says nothing against its checkpoint.
  let keep = true;
  try {
    request.onStart(job.attempt, resumed);
    const done = await execute(project, request, folder, job, stamps, deliver);
    ({ keep } = done);
    return done.end;
  } catch (error) {
    if (error instanceof FaultError) return { type: 'failed', faults: error.faults };
    if (isFull(error)) return { type: 'failed', faults: [diskFull(request.stage)] };
    throw error;
  } finally {
    if (keep) parkAttempt(folder);
    else removeAttempt(folder);
    crashPoint('attempt:removed');
  }
}

type Entered =
  | {
      readonly type: 'entered';
      readonly folder: AttemptFolder;
      readonly job: Job;
      readonly stamps: Stamps;
      readonly resumed: boolean;
    }
  | Extract<AttemptEnd, { type: 'reused' | 'stopped' }>;

/** Takes the key's place: waits for older attempts, takes over what dead ones left, and makes the folder. */
async function enter(project: Project, request: AttemptRequest): Promise<Entered> {
  const { stage, key, force, signal, onWait } = request;
  const attempts = attemptsFolder(project);
  for (;;) {
    const theirs = await waitForPeer(project, attempts, key, { signal, onWait });
    if (signal.aborted) return { type: 'stopped', checkpoint: false };
    if (theirs !== undefined && !force) return { type: 'reused', record: theirs };
    await sweepAttempts(attempts);
    const id = `${project.now().toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`;
    const job = jobOf(project, request, attemptFolder(attempts, id), id);
    const inputs = Object.fromEntries(
      Object.entries(request.keyed.inputs.known).map(([name, { path }]) => [name, path]),
    );
    const folder = createAttempt(attempts, stage, job, { ...describeSelf(id) }, inputs);
    // Two runs may have come here at once: one goes on, the other waits for it.
    const turn = await waitUntilAlone(attempts, key, id, { signal, onWait });
    if (turn !== 'alone') {
      removeAttempt(folder);
      if (turn === 'behind') continue;
      return { type: 'stopped', checkpoint: false };
    }
    crashPoint('attempt:alone');
    // Another run may have ended between this stage's plan and now.
    const standing = await standingOf(project, key);
    if (standing.type === 'intact' && !force) {
      removeAttempt(folder);
      return { type: 'reused', record: standing.record };
    }
    if (force) dropCheckpoints(attempts, key);
    const stamps = await stampInputs(project, stage, request.keyed);
    writeStamps(folder, stampDigests(stamps));
    const taken = force ? 'none' : takeCheckpoint(attempts, key, folder);
    if (taken === 'dropped') {
      request.onNotice('its checkpoint is dropped, because inputs were touched meanwhile');
    }
    return { type: 'entered', folder, job, stamps, resumed: taken === 'taken' };
  }
}

/** Runs the process and publishes what it made. `keep`: its checkpoint may help the next attempt. */
async function execute<Made>(
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  job: Job,
  stamps: Stamps,
  deliver: Deliver<Made>,
): Promise<{ readonly end: AttemptEnd<Made>; readonly keep: boolean }> {
  const { stage, keyed, recordOf, signal } = request;
  const unlisted = await keepInputLists(project, stage, keyed);
  if (unlisted !== undefined) request.onNotice(unlisted);
  const started = project.now();
  const ended = await startProcess(project, request, folder, job);
  crashPoint('child:alone');
  if (signal.aborted) {
    return { end: { type: 'stopped', checkpoint: hasCheckpoint(folder) }, keep: true };
  }
  const judgement = judge(stage, ended, folder.result);
  crashPoint('result:seen');
  if (judgement.status !== 'done') {
    return { end: { type: 'failed', faults: faultsOf(stage, judgement) }, keep: !judgement.final };
  }
  request.onPhase('checking');
  const undeclared = undeclaredOuts(stage, folder.outs);
  if (undeclared.length > 0) return { end: { type: 'failed', faults: undeclared }, keep: false };
  const faults = await changedInputs(project, stage, keyed, recordOf, stamps);
  crashPoint('inputs:checked');
  if (faults.length > 0) return { end: { type: 'failed', faults }, keep: false };
  request.onPhase('storing');
  const delivered = await deliver(project, request, folder, job.attempt, started);
  crashPoint('attempt:published');
  return {
    end: delivered.ok ? { type: 'made', record: delivered.value } : { type: 'failed', ...delivered },
    keep: false,
  };
}

async function startProcess(
  project: Project,
  request: AttemptRequest,
  folder: AttemptFolder,
  job: Job,
): Promise<Ended> {
  const { stage, runtime, gpus, signal, onLine, onEvent, onNotice } = request;
  const events = tailEvents(folder.events, onEvent, onNotice);
  const command = programOf(project, stage, folder, job);
  const timer = setInterval(() => events.read(), tailMs);
  try {
    return await runProcess({
      ...command,
      cwd: folder.work,
      env: {
        ...stageEnvironment(
          project.env,
          stage.env,
          { runtime: runtime?.env ?? {}, gpus },
          { id: job.attempt, folder },
        ),
        ...command.env,
      },
      onLine,
      noise: runtime?.noise ?? [],
      signal,
      onGroup: (group) => {
        crashPoint('child:started');
        writeFileSync(folder.group, `${group}\n`);
        crashPoint('child:known');
      },
      endOrphans: () => {
        crashPoint('child:ended');
        return endOrphans(job.attempt, { graceMs: orphanGraceMs });
      },
    });
  } finally {
    clearInterval(timer);
    events.close();
  }
}

function programOf(project: Project, stage: Stage, folder: AttemptFolder, job: Job): CommandLine {
  if (stage.program.type === 'command') return commandLine(stage.program.template, job, folder.work);
  return { program: process.execPath, args: [join(project.dist, 'child.mjs'), folder.root], env: {} };
}

function faultsOf(stage: Stage, judgement: Judgement): readonly Fault[] {
  if (judgement.status === 'failed') return judgement.faults;
  return [
    {
      code: 'ERS_STAGE_FAILED',
      message: `${stage.name} stopped although nobody had asked it to.`,
      place: stage.place,
      hint: 'A stage may return "stopped" only after its signal was aborted.',
    },
  ];
}

function jobOf(project: Project, request: AttemptRequest, folder: AttemptFolder, id: string): Job {
  const { stage, key, keyed, cores, runtime } = request;
  const { program } = stage;
  const paths = (names: readonly string[], path: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [name, path(name)]));
  return {
    version: 1,
    attempt: id,
    stage: stage.name,
    key,
    bundle: program.type === 'uses' ? resolve(project.dist, '..', program.definition.bundle) : null,
    workers:
      program.type === 'uses'
        ? paths(Object.keys(program.definition.workers), (name) =>
            resolve(project.dist, '..', program.definition.workers[name] ?? ''),
          )
        : {},
    params: stage.params,
    // Members of a matrix that are read together lie in one folder: `models/lr-0.001` is in `models`.
    deps: paths(
      Object.keys(keyed.inputs.known).map((name) => name.split('/')[0] ?? name),
      (name) => join(folder.deps, name),
    ),
    outs: paths(Object.keys(stage.outs), (name) => join(folder.outs, stage.outs[name]?.path ?? '')),
    checkpoint: folder.checkpoint,
    tmp: folder.tmp,
    cores,
    ...(program.type === 'uses' && program.definition.user !== undefined
      ? { user: program.definition.user }
      : {}),
    runtime: runtime?.dir ?? null,
  };
}
